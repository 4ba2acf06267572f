package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sort"
)

// View is a category as the shop's pages show it.
type View struct {
	ID       int    `json:"id"`
	Name     string `json:"name"`
	Tag      string `json:"tag"`
	Products int    `json:"products"`
	Children []View `json:"children,omitempty"`
}

// View shows category id and all that lies below it.
func (t *Tree) View(id int) (View, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	n := t.nodes[id]
	if n == nil {
		return View{}, ErrUnknown
	}
	return t.render(n), nil
}

// render, renderChildren and accept call each other once per level of the tree:
// they end because a tree does.
func (t *Tree) render(n *node) View {
	sum := sha256.Sum256([]byte(fmt.Sprintf("%d/%s", n.id, n.name)))
	view := View{ID: n.id, Name: n.name, Tag: hex.EncodeToString(sum[:6]), Products: n.products}
	view.Children = t.renderChildren(n)
	for _, child := range view.Children {
		view.Products += child.Products
	}
	return view
}

func (t *Tree) renderChildren(n *node) []View {
	children := append([]*node(nil), n.children...)
	sort.Slice(children, func(i, j int) bool { return children[i].name < children[j].name })
	views := make([]View, 0, len(children))
	for _, child := range children {
		views = append(views, child.accept(t))
	}
	return views
}

// accept notes in the trail that the category was shown, and shows it.
func (n *node) accept(t *Tree) View {
	seq := t.audit.Append("view", n.id)
	view := t.render(n)
	view.Tag = fmt.Sprintf("%s-%d", view.Tag, seq%10)
	return view
}
