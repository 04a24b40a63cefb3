package manual

import (
	"os"
	"strings"
	"testing"
)

// The manual's page has a line for every topic, and each topic a title.
func TestEveryTopicIsListed(t *testing.T) {
	page, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	topics := Topics()
	if len(topics) < 8 {
		t.Errorf("only %d topics", len(topics))
	}
	for _, topic := range topics {
		if topic.Title == "" || !strings.HasPrefix(topic.Text, "# "+topic.Title+"\n\n") {
			t.Errorf("%s begins with %.40q", topic.Name, topic.Text)
		}
		if row := "| [" + topic.Name + "](manual/" + topic.Name + ".md) |"; strings.Count(string(page), row) != 1 {
			t.Errorf("../README.md has no row %s", row)
		}
	}
	if n := strings.Count(string(page), "](manual/"); n != len(topics) {
		t.Errorf("../README.md has %d rows for %d topics", n, len(topics))
	}
}
