package builtin

import (
	"slices"
	"strconv"

	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/settings"
	"github.com/redistill-go/redistill/core/store"
)

// Policies are the eviction policies of a build.
type Policies []eviction.Policy

// Find returns the policy of that name. Refusing writes is what a store does
// without a policy, so that noeviction needs no module.
func (p Policies) Find(name string) (policy eviction.Policy, ok bool) {
	for _, policy := range p {
		if policy.Name() == name {
			return policy, true
		}
	}
	return nil, name == config.NoEviction
}

// Names are the names of the policies, and noeviction, in order.
func (p Policies) Names() []string {
	names := []string{config.NoEviction}
	for _, policy := range p {
		names = append(names, policy.Name())
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// parameters are those of eviction policies. What is set holds for all policies
// that go by it, and what is told is that of the policy in force, if it does.
func (p Policies) parameters(st *store.Store) []settings.Parameter {
	all := map[string][]eviction.Parameter{}
	inForce := map[string]eviction.Parameter{}
	for _, name := range p.Names() {
		policy, _ := p.Find(name)
		tunable, ok := policy.(eviction.Tunable)
		if !ok {
			continue
		}
		for _, t := range tunable.Parameters() {
			all[t.Name] = append(all[t.Name], t)
			inForce[policy.Name()+" "+t.Name] = t
		}
	}
	var list []settings.Parameter
	for name, of := range all {
		list = append(list, settings.Parameter{
			Name: name,
			Doc:  of[0].Doc,
			Get: func() string {
				one := of[0]
				if chosen := st.Policy(); chosen != nil {
					if t, ok := inForce[chosen.Name()+" "+name]; ok {
						one = t
					}
				}
				return strconv.Itoa(int(one.Value.Load()))
			},
			Set: settings.Integer(of[0].Min, of[0].Max, func(n int) {
				for _, t := range of {
					t.Value.Store(int32(n))
				}
			}),
		})
	}
	return list
}
