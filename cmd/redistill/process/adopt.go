package process

import (
	"fmt"
	"slices"
	"strings"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/core/part"
	"github.com/redistill-go/redistill/core/settings"
)

// parts are what the modules have made, in the order of their IDs, but for what the
// configuration switches off.
func (p process) parts() []part.Part {
	var parts []part.Part
	for _, policy := range p.Policies {
		parts = append(parts, part.Part{ID: string(module.Eviction) + "." + policy.Name(), Value: policy})
	}
	if p.Backend != nil {
		parts = append(parts, part.Part{ID: p.Backend.ID(), Value: p.Backend})
	}
	for _, l := range p.Transports {
		if l.Enabled() {
			parts = append(parts, part.Part{ID: l.ID(), Value: l})
		}
	}
	for _, s := range p.Services {
		if s.Enabled() {
			parts = append(parts, part.Part{ID: s.ID(), Value: s})
		}
	}
	slices.SortStableFunc(parts, func(a, b part.Part) int { return compareIDs(a.ID, b.ID) })
	return parts
}

// aboutOneOf names the part whose error it is, unless it says which part it is about.
func aboutOneOf(parts []part.Part, id string, err error) error {
	for _, at := range parts {
		if strings.HasPrefix(err.Error(), at.ID+":") {
			return err
		}
	}
	return blamed(id, err)
}

// adopt takes up what the parts offer beside the contracts of their kinds, and returns
// the work that they want to do in the background.
func (p process) adopt() ([]background, error) {
	parts := p.parts()
	var work []background
	for _, at := range parts {
		if o, ok := at.Value.(settings.Owner); ok {
			if err := p.Settings.Add(at.ID, o.Settings()...); err != nil {
				return nil, err
			}
		}
		if i, ok := at.Value.(command.Informer); ok {
			sections := i.InfoSections()
			for _, s := range sections {
				if err := s.Check(); err != nil {
					return nil, fmt.Errorf("%s: %w", at.ID, err)
				}
			}
			p.Env.Info = append(p.Env.Info, sections...)
		}
		if w, ok := at.Value.(part.Worker); ok {
			work = append(work, w.Work)
		}
	}
	for _, at := range parts {
		if s, ok := at.Value.(part.Surveyor); ok {
			if err := s.Survey(parts); err != nil {
				return nil, aboutOneOf(parts, at.ID, err)
			}
		}
	}
	return work, nil
}
