package keep

import (
	"errors"
	"fmt"
	"io/fs"
)

// clusterNote is the file of the data directory that says to which cluster it belongs.
const (
	clusterNote   = "cluster"
	clusterFormat = "cluster %q of %d nodes\n"
)

// KnowsCluster reports whether the directory is of a node that was in the cluster of that name.
func (s *Store) KnowsCluster(name string) bool {
	if s == nil {
		return false
	}
	b, err := s.disk.Note(clusterNote)
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	var noted string
	var nodes int
	if err == nil {
		_, err = fmt.Sscanf(string(b), clusterFormat, &noted, &nodes)
	}
	if err != nil {
		s.log.Warn("the data directory's note of its cluster can't be read; it counts as none",
			"file", clusterNote, "error", err)
		return false
	}
	return noted == name
}

// NoteCluster notes to which cluster this node belongs, and of how many nodes it was.
func (s *Store) NoteCluster(name string, nodes int) {
	if s == nil {
		return
	}
	if err := s.disk.SetNote(clusterNote, fmt.Appendf(nil, clusterFormat, name, nodes)); err != nil {
		s.log.Warn("the cluster could not be noted in the data directory", "file", clusterNote, "error", err)
	}
}
