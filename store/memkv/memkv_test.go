package memkv_test

import (
	"testing"

	"watchroom/store"
	"watchroom/store/memkv"
	"watchroom/store/storetest"
)

// The memory backend keeps every promise of a backend.
func TestPromises(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.KV { return memkv.New() })
}

// A closed backend refuses.
func TestClosed(t *testing.T) {
	kv := memkv.New()
	if err := kv.Close(); err != nil {
		t.Fatal(err)
	}
	if err := kv.View(t.Context(), func(store.Reader) error { return nil }); err == nil {
		t.Error("view after close")
	}
	if err := kv.Apply(t.Context(), store.Batch{}); err == nil {
		t.Error("apply after close")
	}
}
