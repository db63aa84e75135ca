package explain

import (
	"fmt"
	"strings"
)

// A page is written in a few rules of Markdown: "# " begins the title, the next
// line is "summary: …", "## " begins a heading, "- " an item, whose
// further lines begin with two blanks, and code stands between fences. Lines
// that follow each other are one paragraph, and a tab in code is four blanks.
// There is no other markup: names and commands stand in the text as they are.

// parser is a page while it is read.
type parser struct {
	page Page
	code bool // between two fences
	open bool // the last block takes the next line as well
}

// parse reads a page, all but its ID.
func parse(text string) (Page, error) {
	var p parser
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if err := p.line(line); err != nil {
			return p.page, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	switch {
	case p.code:
		return p.page, fmt.Errorf("the last code has no end")
	case p.page.Title == "" || p.page.Summary == "" || len(p.page.Blocks) == 0:
		return p.page, fmt.Errorf("a page needs a title, a summary and a text")
	}
	return p.page, nil
}

func (p *parser) line(line string) error {
	if strings.HasPrefix(line, "```") {
		p.fence()
		return nil
	}
	if p.code {
		p.add(Code, strings.ReplaceAll(line, "\t", "    "))
		return nil
	}
	switch text := strings.TrimSpace(line); {
	case text == "":
		p.open = false
	case cut(&text, "# "):
		p.page.Title = text
	case cut(&text, "summary: "):
		p.page.Summary = text
	case cut(&text, "## "):
		p.add(Heading, text)
	case cut(&text, "- "):
		p.add(Item, text)
		p.open = true
	case p.open:
		p.page.Blocks[len(p.page.Blocks)-1].Text += " " + text
	case line != text:
		return fmt.Errorf("%q is indented and continues nothing", text)
	default:
		p.add(Paragraph, text)
		p.open = true
	}
	return nil
}

// fence begins or ends a snippet. Two that follow each other are kept apart.
func (p *parser) fence() {
	p.code, p.open = !p.code, false
	if n := len(p.page.Blocks); p.code && n > 0 && p.page.Blocks[n-1].Kind == Code {
		p.add(Code, "")
	}
}

func (p *parser) add(kind BlockKind, text string) {
	p.page.Blocks = append(p.page.Blocks, Block{kind, text})
	p.open = false
}

// cut takes prefix off text, and says whether it was there.
func cut(text *string, prefix string) bool {
	rest, ok := strings.CutPrefix(*text, prefix)
	*text = rest
	return ok
}
