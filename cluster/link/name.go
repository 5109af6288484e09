package link

import (
	"fmt"
	"strings"
)

// Name is one boot of a node.
type Name struct {
	ID   string
	Boot string
}

func (n Name) String() string { return n.ID + "~" + n.Boot }

// ParseName reads what String wrote.
func ParseName(s string) (Name, error) {
	i := strings.LastIndexByte(s, '~')
	if i <= 0 || i == len(s)-1 {
		return Name{}, fmt.Errorf("node %.80q; must be ID~BOOT", s)
	}
	return Name{s[:i], s[i+1:]}, nil
}
