package integration

import (
	"slices"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/integration/harness"
	"github.com/redistill-go/redistill/modules/commands/allcommands"
)

// testKeys are the keys of the generated requests, in their order.
var testKeys = []string{"k", "k2", "k3"}

// keyStates are what the first two keys hold before a request, with the
// commands that make it so.
var keyStates = []struct {
	name  string
	setup [][]string
}{
	{"none", nil},
	{"string", [][]string{{"SET", "k", "10"}, {"SET", "k2", "3"}}},
	{"hash", [][]string{{"HSET", "k", "f", "10"}, {"HSET", "k2", "f", "3"}}},
}

// answer is what came of one request in one state of the keys.
type answer struct{ request, state string }

// TestAnswers sends what the syntax of all commands makes, right and wrong,
// with keys that are not there, of the right and of the wrong type, and expects
// the answer of the newest Redis or of the newest Valkey: with every integer at
// the ends of its range, every option missing, doubled or misspelt, and more
// than one thing wrong, so that the same error wins.
func TestAnswers(t *testing.T) {
	ours := askAll(t, harness.Redistill(t, harness.Options{}))
	expected := map[string]map[answer]string{}
	for _, peer := range peerNames {
		expected[peer] = peerAnswers(t, peer)
	}
	if *recordFlag {
		writeAnswers(t, expected)
	}
	for peer, answers := range expected {
		for question := range answers {
			if _, asked := ours[question]; !asked {
				t.Errorf("%s: %s (%s) is recorded and not asked any more; see recordFlag", peer, question.request, question.state)
			}
		}
	}
	used := map[string]bool{}
	for _, question := range allQuestions() {
		got := ours[question]
		redis, known := expected["redis"][question]
		valkey, knownToValkey := expected["valkey"][question]
		if known && got == redis || knownToValkey && got == valkey {
			continue
		}
		if reason := answerDiffers(question); reason != "" {
			used[reason] = true
			continue
		}
		if !known && !knownToValkey {
			t.Errorf("%s (%s): nothing is recorded; see recordFlag", question.request, question.state)
			continue
		}
		t.Errorf("%s (%s)\n got    %s\n redis  %s\n valkey %s", question.request, question.state, got, redis, valkey)
	}
	for _, d := range answerDifferences {
		if compareRecorded() && !used[d.reason] {
			t.Errorf("no answer differs for the reason listed: %s", d.reason)
		}
	}
}

// requestsByGroup are the generated requests by the group of their command.
func requestsByGroup() map[string][][]string {
	groups := map[string][][]string{}
	allcommands.Table().Each(func(c *command.Command) {
		for _, request := range wrongRequests(c.FullName, argsOf(c.FullName, c.Args)) {
			if !unanswerable(c.FullName, request) {
				groups[c.Group] = append(groups[c.Group], request)
			}
		}
	})
	groups["more"] = extraRequests
	groups["parameters"] = parameterRequests()
	return groups
}

// allRequests are those of all groups.
func allRequests() (all [][]string) {
	groups := requestsByGroup()
	for _, group := range answerGroups(groups) {
		all = append(all, groups[group]...)
	}
	return all
}

func allQuestions() (all []answer) {
	for _, request := range allRequests() {
		for _, state := range keyStates {
			all = append(all, answer{showRequest(request), state.name})
		}
	}
	return all
}

// askAll sends all requests to a server, each in every state of the keys.
func askAll(t *testing.T, s *harness.Server) map[answer]string {
	t.Helper()
	c := dial(t, s)
	answers := map[answer]string{}
	for _, request := range allRequests() {
		for _, state := range keyStates {
			answers[answer{showRequest(request), state.name}] = ask(t, c, request, state.setup)
		}
	}
	return answers
}

// prepare brings connection and keys to where they were; aftermath asks what a
// request has done.
var (
	prepare   = [][]string{{"CLIENT", "UNPAUSE"}, {"RESET"}, append([]string{"DEL"}, testKeys...)}
	aftermath = [][]string{{"EXISTS", "k"}, {"EXISTS", "k2"}, {"PTTL", "k"}, {"HPTTL", "k", "FIELDS", "1", "f"}}
)

// ask sends one request and says what came of it.
func ask(t *testing.T, c *harness.Conn, request []string, setup [][]string) string {
	t.Helper()
	before := slices.Concat(prepare, setup)
	var reply string
	var after []string
	if request[0] == "AUTH" || request[0] == "HELLO" {
		// By itself: in a pipeline, Redis answers one that fails some time later.
		exchange(t, c, before)
		reply = exchange(t, c, [][]string{request})[0]
		after = exchange(t, c, aftermath)
	} else {
		replies := exchange(t, c, slices.Concat(before, [][]string{request}, aftermath))
		reply, after = replies[len(before)], replies[len(before)+1:]
	}
	var effects []string
	for i, key := range testKeys[:2] {
		switch before, there := len(setup) > 0, after[i] != ":0\r\n"; {
		case there && !before:
			effects = append(effects, key+" made")
		case before && !there:
			effects = append(effects, key+" gone")
		}
	}
	if after[2] != ":-1\r\n" && after[2] != ":-2\r\n" {
		effects = append(effects, "k expires")
	}
	if strings.HasPrefix(after[3], "*") && !strings.Contains(after[3], ":-") {
		effects = append(effects, "field expires")
	}
	text := showAnswer(request, reply)
	if effects != nil {
		text += " {" + strings.Join(effects, ", ") + "}"
	}
	return text
}

// exchange sends requests at once and returns the replies.
func exchange(t *testing.T, c *harness.Conn, requests [][]string) (replies []string) {
	t.Helper()
	var out []byte
	for _, r := range requests {
		out = harness.AppendCommand(out, r...)
	}
	if _, err := c.Write(out); err != nil {
		t.Fatal(err)
	}
	for range requests {
		reply, err := c.Reply()
		if err != nil {
			t.Fatalf("reply to %.300q: %q, %v", requests, reply, err)
		}
		replies = append(replies, reply)
	}
	return replies
}
