package storetest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"watchroom/store"
)

// Under random changes, some of which fail, a transaction reads what a plain map would hold.
func transactionModel(t *testing.T, kv store.KV) {
	s, stop := start(t, kv, store.Options{})
	defer stop()
	model := map[string]string{}
	key := rapid.StringMatching(`[ab]{1,3}`)
	bound := rapid.Custom(func(t *rapid.T) []byte {
		if rapid.Bool().Draw(t, "open") {
			return nil
		}
		return []byte(key.Draw(t, "bound"))
	})
	rapid.Check(t, func(rt *rapid.T) {
		after := maps.Clone(model)
		fails := rapid.Bool().Draw(rt, "fails")
		var wrong error
		steps := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
			return step{
				kind: rapid.IntRange(0, 3).Draw(t, "kind"), key: key.Draw(t, "key"), value: rapid.StringN(0, 3, 3).Draw(t, "value"),
				r: store.Range{From: bound.Draw(t, "from"), To: bound.Draw(t, "to"), Reverse: rapid.Bool().Draw(t, "reverse")},
			}
		}), 1, 12).Draw(rt, "steps")
		err := s.Update(t.Context(), func(tx *store.Tx) error {
			for _, st := range steps {
				if wrong = st.do(tx, after); wrong != nil {
					return wrong
				}
			}
			if fails {
				return errFull
			}
			return nil
		})
		if wrong != nil || fails != errors.Is(err, errFull) {
			rt.Fatalf("change gave %v, fails %t", err, fails)
		}
		if !fails {
			model = after
		}
		view(t, s, func(tx *store.Tx) {
			if got, want := pairs(tx, store.Range{}), inOrder(model, store.Range{}); !slices.Equal(got, want) {
				rt.Fatalf("file holds %q, want %q", got, want)
			}
		})
	})
}

type step struct {
	kind       int
	key, value string
	r          store.Range
}

func (s step) do(tx *store.Tx, model map[string]string) error {
	switch s.kind {
	case 0:
		tx.Put("m", []byte(s.key), []byte(s.value))
		model[s.key] = s.value
	case 1:
		tx.Delete("m", []byte(s.key))
		delete(model, s.key)
	case 2:
		want, ok := model[s.key]
		if got := tx.Get("m", []byte(s.key)); string(got) != want || (got != nil) != ok {
			return fmt.Errorf("get %q gave %q, want %q, %t", s.key, got, want, ok)
		}
	case 3:
		if got, want := pairs(tx, s.r), inOrder(model, s.r); !slices.Equal(got, want) {
			return fmt.Errorf("scan %+v gave %q, want %q", s.r, got, want)
		}
	}
	return nil
}

func pairs(tx *store.Tx, r store.Range) (all []string) {
	for k, v := range tx.Scan("m", r) {
		all = append(all, fmt.Sprintf("%s=%s", k, v))
	}
	return all
}

func inOrder(model map[string]string, r store.Range) (all []string) {
	for _, k := range slices.Sorted(maps.Keys(model)) {
		if (r.From == nil || k >= string(r.From)) && (r.To == nil || k < string(r.To)) {
			all = append(all, k+"="+model[k])
		}
	}
	if r.Reverse {
		slices.Reverse(all)
	}
	return all
}

type thing struct {
	ID   string   `json:"id"`
	Room string   `json:"room,omitempty"`
	Tags []string `json:"tags,omitempty"`
}

func things(name string) *store.Table[thing] {
	return store.NewTable(name, func(v *thing) []byte { return store.Key(v.ID) },
		store.Index[thing]{Name: "room", Keys: func(v *thing) [][]byte {
			if v.Room == "" {
				return nil
			}
			return [][]byte{store.Key(v.Room)}
		}},
		store.Index[thing]{Name: "tag", Keys: func(v *thing) (keys [][]byte) {
			for _, tag := range v.Tags {
				keys = append(keys, store.Key(tag))
			}
			return keys
		}})
}

// Under random puts, deletes and failures a table and its indexes agree with a plain map.
func tableModel(t *testing.T, kv store.KV) {
	s, stop := start(t, kv, store.Options{})
	defer stop()
	table := things("thing")
	model := map[string]thing{}
	name := rapid.SampledFrom([]string{"a", "b", "c", "ab", "a\x00"})
	values := rapid.Custom(func(t *rapid.T) thing {
		v := thing{ID: name.Draw(t, "id"), Room: rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, "room")}
		for tag := range maps.Keys(rapid.MapOf(name, rapid.Bool()).Draw(t, "tags")) {
			v.Tags = append(v.Tags, tag)
		}
		slices.Sort(v.Tags)
		return v
	})
	rapid.Check(t, func(rt *rapid.T) {
		after := maps.Clone(model)
		puts, deletes := rapid.SliceOfN(values, 0, 6).Draw(rt, "puts"), rapid.SliceOfN(name, 0, 3).Draw(rt, "deletes")
		fails := rapid.Bool().Draw(rt, "fails")
		err := s.Update(t.Context(), func(tx *store.Tx) error {
			for _, v := range puts {
				table.Put(tx, v)
				after[v.ID] = v
			}
			for _, id := range deletes {
				table.Delete(tx, store.Key(id))
				delete(after, id)
			}
			if err := agree(tx, table, after); err != nil {
				return err
			}
			if fails {
				return errFull
			}
			return nil
		})
		if fails != errors.Is(err, errFull) || !fails && err != nil {
			rt.Fatal(err)
		}
		if !fails {
			model = after
		}
		if err := s.View(t.Context(), func(tx *store.Tx) error { return agree(tx, table, model) }); err != nil {
			rt.Fatal(err)
		}
	})
}

// agree compares a table and its indexes with a map.
func agree(tx *store.Tx, table *store.Table[thing], model map[string]thing) error {
	show := func(v thing) string { return fmt.Sprintf("%+q", v) }
	var all, want []string
	for v := range table.Scan(tx, store.Range{}) {
		all = append(all, show(v))
	}
	for _, id := range slices.Sorted(maps.Keys(model)) {
		want = append(want, show(model[id]))
		if v, ok := table.Get(tx, store.Key(id)); !ok || show(v) != show(model[id]) {
			return fmt.Errorf("get %q gave %v, %t", id, v, ok)
		}
	}
	if !slices.Equal(all, want) {
		return fmt.Errorf("table holds %s, want %s", all, want)
	}
	entries := 0
	for _, key := range []string{"x", "y", "a", "b", "c", "ab", "a\x00"} {
		for index, keys := range map[string]func(thing) []string{
			"room": func(v thing) []string { return []string{v.Room} },
			"tag":  func(v thing) []string { return v.Tags },
		} {
			var got, want []string
			for v := range table.By(tx, index, store.Prefix(store.Key(key))) {
				got = append(got, v.ID)
			}
			for _, id := range slices.Sorted(maps.Keys(model)) {
				if slices.Contains(keys(model[id]), key) {
					want = append(want, id)
				}
			}
			if entries += len(got); !slices.Equal(got, want) {
				return fmt.Errorf("%s of %q holds %q, want %q", index, key, got, want)
			}
		}
	}
	for _, bucket := range []string{"thing.room", "thing.tag"} {
		for range tx.Scan(bucket, store.Range{}) {
			entries--
		}
	}
	if entries != 0 {
		return fmt.Errorf("%d index entries too many", -entries)
	}
	return nil
}

// A value that does not decode, an index that was not declared, and an entry that leads nowhere
// fail the transaction.
func tableRefusals(t *testing.T, kv store.KV) {
	s, stop := start(t, kv, store.Options{})
	defer stop()
	table := things("thing")
	update(t, s, func(tx *store.Tx) {
		tx.Put("thing", store.Key("bad"), []byte("{"))
		tx.Put("thing.tag", store.Key("lost", "nobody"), store.Key("nobody"))
	})
	for name, fn := range map[string]func(tx *store.Tx){
		"get":   func(tx *store.Tx) { table.Get(tx, store.Key("bad")) },
		"put":   func(tx *store.Tx) { table.Put(tx, thing{ID: "bad"}) },
		"scan":  func(tx *store.Tx) { _ = slices.Collect(table.Scan(tx, store.Range{})) },
		"by":    func(tx *store.Tx) { _ = slices.Collect(table.By(tx, "tag", store.Range{})) },
		"index": func(tx *store.Tx) { _ = slices.Collect(table.By(tx, "none", store.Range{})) },
	} {
		err := s.Update(t.Context(), func(tx *store.Tx) error {
			fn(tx)
			return nil
		})
		if err == nil {
			t.Errorf("%s was no error", name)
		}
	}
	update(t, s, func(tx *store.Tx) {
		if v, ok := table.Get(tx, store.Key("absent")); ok || v.ID != "" {
			t.Errorf("an absent value is %+v", v)
		}
		table.Delete(tx, store.Key("absent"))
	})
}
