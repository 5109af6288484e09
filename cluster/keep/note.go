package keep

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// clusterNote is the file of the data directory that says to which cluster it belongs. Where nodes
// kept partitions with nobody in them, too, it says so on a second line. A directory that a release
// of protocol 6 has left has no second one.
const (
	clusterNote   = "cluster"
	clusterFormat = "cluster %q of %d nodes\n"
	emptiesLine   = "empty partitions are kept\n"
)

// viewersNote is the file that says with which viewer key the directory was written.
const (
	viewersNote   = "viewers"
	viewersFormat = "viewer key %s\n" // a digest
)

// checkViewers refuses another viewer key than that of the directory: no edge in it would count, a
// denied viewer would see, and nothing could forget the edge.
func (s *Store) checkViewers() error {
	here := fmt.Sprintf(viewersFormat, s.config.Viewers)
	noted, err := s.disk.Note(viewersNote)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		s.noteViewers(here)
		return nil
	case err == nil && string(noted) != here:
		err = fmt.Errorf("it is of %.40q, and this node has %q; give the --viewer-key-file of before "+
			"(without one, the --cluster-name), or begin with an empty directory",
			strings.TrimSpace(string(noted)), strings.TrimSpace(here))
	}
	if err != nil {
		return fmt.Errorf("data directory %s, file %s: %w", s.config.Dir, viewersNote, err)
	}
	return nil
}

// noteViewers notes the key of a directory that has had none. On a disk that takes nothing it is
// written later.
func (s *Store) noteViewers(text string) {
	if err := s.disk.SetNote(viewersNote, []byte(text)); err != nil {
		s.log.Warn("the viewer key could not be noted in the data directory", "file", viewersNote, "error", err)
	}
}

// KnowsCluster reports whether the directory is of a node that was in the cluster of that name, and
// whether its nodes kept partitions with nobody in them, too.
func (s *Store) KnowsCluster(name string) (knows, empties bool) {
	if s == nil {
		return false, false
	}
	b, err := s.disk.Note(clusterNote)
	if errors.Is(err, fs.ErrNotExist) {
		return false, false
	}
	var noted string
	var nodes int
	if err == nil {
		_, err = fmt.Sscanf(string(b), clusterFormat, &noted, &nodes)
	}
	if err != nil {
		s.log.Warn("the data directory's note of its cluster can't be read; it counts as none",
			"file", clusterNote, "error", err)
		return false, false
	}
	knows = noted == name
	return knows, knows && strings.HasSuffix(string(b), "\n"+emptiesLine)
}

// NoteCluster notes to which cluster this node belongs, and of how many nodes it was; empties: they
// keep partitions with nobody in them, too.
func (s *Store) NoteCluster(name string, nodes int, empties bool) {
	if s == nil {
		return
	}
	b := fmt.Appendf(nil, clusterFormat, name, nodes)
	if empties {
		b = append(b, emptiesLine...)
	}
	if err := s.disk.SetNote(clusterNote, b); err != nil {
		s.log.Warn("the cluster could not be noted in the data directory", "file", clusterNote, "error", err)
	}
}
