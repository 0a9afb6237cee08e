package account

import (
	"context"
	"encoding/json"
	"fmt"

	"watchroom/server/fault"
	"watchroom/store"
)

// Settings are the server's own settings that people change in the client.
type Settings struct {
	TeamName string `json:"teamName"`
}

// Settings are the settings as they are now.
func (s *Service) Settings(ctx context.Context) (set Settings, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		set = settingsTx(tx)
		return nil
	})
	return set, err
}

func settingsTx(tx *store.Tx) Settings {
	set := Settings{TeamName: "Watchroom"}
	if raw := tx.Get(privateBucket, store.Key("settings")); raw != nil {
		if err := json.Unmarshal(raw, &set); err != nil {
			tx.Fail(fmt.Errorf("read settings: %w", err))
		}
	}
	return set
}

// SetSettings changes the settings; administrators may.
func (s *Service) SetSettings(ctx context.Context, who Actor, set Settings) error {
	if !who.IsAdmin() {
		return errAdmin
	}
	name, err := Line("teamName", set.TeamName, 80)
	if err != nil {
		return err
	}
	if name == "" {
		return fault.Field("teamName", "is empty")
	}
	return s.store.Update(ctx, func(tx *store.Tx) error {
		putSettings(tx, who, Settings{TeamName: name})
		return nil
	})
}

func putSettings(tx *store.Tx, who Actor, set Settings) {
	raw, err := json.Marshal(set)
	if err != nil {
		tx.Fail(fmt.Errorf("encode settings: %w", err))
		return
	}
	tx.Put(privateBucket, store.Key("settings"), raw)
	emit(tx, who, EventSettingsChanged, []string{"*"}, SettingsChanged{set})
}
