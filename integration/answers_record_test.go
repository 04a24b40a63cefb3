package integration

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/integration/harness"
)

// The answers are recorded in testdata/answers, a file for each group of
// commands. "> " begins a request; the lines after it say who answered (both
// servers where they agree), in which states of the keys, and what: the reply,
// its lines apart by spaces, and in braces what it has done to the keys.

// unknownAnswer begins the answer of a server that doesn't have the command.
const unknownAnswer = "-ERR unknown command"

// peerAnswers are what one of peerNames answers to all requests.
func peerAnswers(t *testing.T, peer string) map[answer]string {
	t.Helper()
	if s := livePeer(t, peer, harness.Options{Args: []string{"--databases", "1"}}); s != nil {
		answers := askAll(t, s)
		maps.DeleteFunc(answers, func(_ answer, a string) bool { return strings.HasPrefix(a, unknownAnswer) })
		return answers
	}
	files, err := filepath.Glob(filepath.Join("testdata", "answers", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recorded answers: %v", err)
	}
	answers := map[answer]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		parseAnswers(string(text), peer, answers)
	}
	return answers
}

func parseAnswers(text, peer string, into map[answer]string) {
	request := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if rest, ok := strings.CutPrefix(line, "> "); ok {
			request = rest
			continue
		}
		who, rest, _ := strings.Cut(line, " ")
		states, text, ok := strings.Cut(rest, ": ")
		if !ok || who != peer && who != "both" {
			continue
		}
		for state := range strings.SplitSeq(states, ",") {
			into[answer{request, state}] = text
		}
	}
}

// writeAnswers writes the files anew.
func writeAnswers(t *testing.T, answers map[string]map[answer]string) {
	t.Helper()
	groups := requestsByGroup()
	for _, group := range answerGroups(groups) {
		var b strings.Builder
		fmt.Fprintf(&b, "# Answers of the newest Redis and Valkey to requests of the group %q; see recordFlag.\n", group)
		for _, request := range groups[group] {
			shown := showRequest(request)
			fmt.Fprintf(&b, "> %s\n", shown)
			redis, valkey := answerLines(answers["redis"], shown), answerLines(answers["valkey"], shown)
			if slices.Equal(redis, valkey) {
				writeLines(&b, "both", redis)
				continue
			}
			writeLines(&b, "redis", redis)
			writeLines(&b, "valkey", valkey)
		}
		if err := os.WriteFile(filepath.Join("testdata", "answers", group+".txt"), []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// answerLines are the answers to a request, with the states in which they are
// given.
func answerLines(answers map[answer]string, request string) (lines []string) {
	var order []string
	states := map[string][]string{}
	for _, s := range keyStates {
		text, known := answers[answer{request, s.name}]
		if !known {
			continue
		}
		if states[text] == nil {
			order = append(order, text)
		}
		states[text] = append(states[text], s.name)
	}
	for _, text := range order {
		lines = append(lines, strings.Join(states[text], ",")+": "+text)
	}
	return lines
}

func writeLines(b *strings.Builder, who string, lines []string) {
	for _, l := range lines {
		fmt.Fprintf(b, "%s %s\n", who, l)
	}
}

func answerGroups(groups map[string][][]string) []string { return slices.Sorted(maps.Keys(groups)) }

// showRequest writes a request on one line, quoted where need be.
func showRequest(request []string) string {
	words := make([]string, len(request))
	for i, w := range request {
		q := strconv.QuoteToASCII(w)
		if w == "" || strings.Contains(w, " ") || q != `"`+w+`"` {
			w = q
		}
		words[i] = w
	}
	return strings.Join(words, " ")
}

// showAnswer writes a reply on one line. Of one that is the server's own, only
// its kind is of interest, unless it is an error.
func showAnswer(request []string, reply string) string {
	if reply[0] != '-' && ownReply(request) {
		return reply[:1] + "..."
	}
	text := strings.ReplaceAll(strings.TrimSuffix(reply, "\r\n"), "\r\n", " ")
	q := strconv.QuoteToASCII(text)
	return strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
}
