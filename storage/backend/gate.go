package backend

import (
	"sync"
	"sync/atomic"
)

// gate lets calls in until it is shut, and tells when the last one has left.
type gate struct {
	state atomic.Int64 // calls inside times 2, plus 1 once it is shut
	once  sync.Once
	empty chan struct{}
}

func newGate() *gate { return &gate{empty: make(chan struct{})} }

// enter reports whether a call may run; it must leave then.
func (g *gate) enter() bool {
	if g.state.Add(2)&1 == 0 {
		return true
	}
	g.leave()
	return false
}

func (g *gate) leave() {
	if g.state.Add(-2) == 1 {
		g.once.Do(func() { close(g.empty) })
	}
}

// shut lets nobody in any more and waits until nobody is inside. It reports
// whether this call shut it.
func (g *gate) shut() bool {
	for {
		state := g.state.Load()
		if state&1 == 1 {
			return false
		}
		if g.state.CompareAndSwap(state, state+1) {
			if state == 0 {
				g.once.Do(func() { close(g.empty) })
			}
			<-g.empty
			return true
		}
	}
}
