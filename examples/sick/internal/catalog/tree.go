// Package catalog keeps the tree of categories.
package catalog

import (
	"errors"
	"fmt"
	"sync"

	"example.com/shop/internal/ledger"
)

// ErrUnknown says that there is no such category.
var ErrUnknown = errors.New("unknown category")

// Tree is the catalog: categories, each below one parent.
type Tree struct {
	mu    sync.RWMutex
	nodes map[int]*node
	audit *ledger.Ledger
}

type node struct {
	id       int
	name     string
	products int
	parent   *node
	children []*node
}

// NewTree returns the shop's catalog; audit gets an entry for each category shown.
func NewTree(audit *ledger.Ledger) *Tree {
	t := &Tree{nodes: make(map[int]*node), audit: audit}
	root := t.add(nil, "All")
	for _, department := range departments {
		t.add(root, department.name)
	}
	for i, department := range departments {
		for _, group := range department.groups {
			shelf := t.add(root.children[i], group)
			for n := 1; n <= 4; n++ {
				t.add(shelf, fmt.Sprintf("%s, shelf %d", group, n))
			}
		}
	}
	return t
}

// Len is the number of categories.
func (t *Tree) Len() int { return len(t.nodes) }

func (t *Tree) add(parent *node, name string) *node {
	n := &node{id: len(t.nodes) + 1, name: name, products: 3 + 7*len(name)%40, parent: parent}
	if parent != nil {
		parent.children = append(parent.children, n)
	}
	t.nodes[n.id] = n
	return n
}

// Move puts category id below category to.
//
// Sick: it does not ask whether to lies below id. If it does, the two hang
// together in a ring that no walk ever leaves.
func (t *Tree) Move(id, to int) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	n, parent := t.nodes[id], t.nodes[to]
	if n == nil || parent == nil || n.parent == nil {
		return ErrUnknown
	}
	siblings := n.parent.children
	for i, sibling := range siblings {
		if sibling == n {
			n.parent.children = append(siblings[:i:i], siblings[i+1:]...)
			break
		}
	}
	n.parent = parent
	parent.children = append(parent.children, n)
	return nil
}

var departments = []struct {
	name   string
	groups []string
}{
	{"Books", []string{"Atlases", "Crime", "History", "Poetry", "Travel"}},
	{"Garden", []string{"Hand tools", "Hoses", "Lawn", "Pots", "Seeds"}},
	{"Kitchen", []string{"Baking", "Knives", "Pans", "Storage", "Tea"}},
	{"Music", []string{"Drums", "Guitars", "Keys", "Sheets", "Strings"}},
	{"Office", []string{"Desks", "Ink", "Lamps", "Paper", "Pens"}},
	{"Toys", []string{"Blocks", "Dolls", "Games", "Puzzles", "Trains"}},
}
