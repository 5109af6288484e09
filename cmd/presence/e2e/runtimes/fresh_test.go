package runtimes

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestFreshCopy packs the client in a copy in which nothing was installed or built.
func TestFreshCopy(t *testing.T) {
	if !full() {
		t.Skip("it installs all that the build needs: make tools")
	}
	dir := t.TempDir()
	if err := copyFresh(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := npm(dir, "pack"); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(files) != 1 {
		t.Fatalf("npm pack made %v (%v), and not one file", files, err)
	}
	if _, err := npm(t.TempDir(), "install", "--offline", files[0]); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "dist", "index.js")); err != nil {
		t.Error(err)
	}
}

// copyFresh copies what is in the repository, by what the package's own .gitignore leaves out.
func copyFresh(dir string) error {
	for _, name := range []string{"src", "scripts"} {
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join(client, name))); err != nil {
			return err
		}
	}
	files, err := os.ReadDir(client)
	if err != nil {
		return err
	}
	for _, file := range files {
		if file.Type().IsRegular() && filepath.Ext(file.Name()) != ".tgz" {
			err = errors.Join(err, copyFile(filepath.Join(client, file.Name()), filepath.Join(dir, file.Name())))
		}
	}
	return err
}

func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o600)
}
