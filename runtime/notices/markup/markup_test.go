package markup_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"pgregory.net/rapid"

	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/notices/markup"
)

func TestCut(t *testing.T) {
	for _, c := range []struct {
		in   string
		most int
		want string
	}{
		{"short", 5, "short"},
		{"shorter", 5, "sh…"},
		{"样件申请", 12, "样件申请"},
		{"样件申请", 11, "样件…"},
		{"样件申请", 10, "样件…"},
		{"样件申请", 8, "样…"},
		{"a b c", 4, "a…"},
		{"样", 2, ""},
		{"e\u0301e\u0301", 5, "…"},     // an accent stays with its letter
		{"👨‍👩‍👧 family", 22, "👨‍👩‍👧…"}, // one family is one character
		{"ab👨‍👩‍👧", 17, "ab…"},         // or none
		{"👍🏽👍🏽", 11, "👍🏽…"},            // so is a hand with its colour
		{"🇨🇳🇨🇳", 15, "🇨🇳…"},            // and a flag
	} {
		got, cut := markup.Cut(c.in, c.most)
		require.Equal(t, c.want, got, c.in)
		require.Equal(t, c.want != c.in, cut)
		require.LessOrEqual(t, len(got), c.most)
	}
}

func message() notices.Message {
	return notices.Message{
		Key: "r1-1-li-wecom", Language: "en", Title: "Overdue: OP-7", Text: "First line.\nSecond line.",
		Link: "https://s.example/apps/sales/deal/r1",
	}
}

func TestLay(t *testing.T) {
	t.Run("as_text", func(t *testing.T) {
		got, cut := markup.Text().Lay(message(), 2048, "")
		require.False(t, cut)
		require.Equal(t, "Overdue: OP-7\nFirst line.\nSecond line.\n<a href=\"https://s.example/apps/sales/deal/r1?notice=f8af4c1b5a8f\">Open the record</a>", strings.Replace(got, tag(got), "f8af4c1b5a8f", 1))
	})
	t.Run("as_markdown", func(t *testing.T) {
		got, cut := markup.Markdown("\n").Lay(message(), 4096, "<@li>")
		require.False(t, cut)
		require.Equal(t, "**Overdue: OP-7**\n\nFirst line.\nSecond line.\n\n<@li>\n\n[Open the record](https://s.example/apps/sales/deal/r1?notice="+tag(got)+")", got)
	})
	t.Run("a_quick_link_comes_before_the_record", func(t *testing.T) {
		m := message()
		m.QuickLink = "https://s.example/q/a.b"
		got, _ := markup.Markdown("\n").Lay(m, 4096, "")
		require.Contains(t, got, "[Fill it in here](https://s.example/q/a.b)\n\n[Open the record](")
	})
	t.Run("a_digest_has_a_link_for_each_record", func(t *testing.T) {
		m := notices.Message{Language: "zh-CN", Title: "汇总", Link: "https://s.example/notices", Items: []notices.Item{
			{Title: "OP-1", Red: true, Lines: []string{"已超时", "待办"}, Link: "https://s.example/1"}, {Title: "OP-2", Lines: []string{"待办"}},
		}}
		got, _ := markup.Markdown("\n\n").Lay(m, 4096, "")
		require.Equal(t, "**汇总**\n\n[▲ OP-1](https://s.example/1)\n\n· 已超时\n\n· 待办\n\nOP-2\n\n· 待办\n\n[打开消息中心](https://s.example/notices)", got)
	})
	t.Run("two_notices_with_the_same_words_differ_and_a_repetition_does_not", func(t *testing.T) {
		one, again, other := message(), message(), message()
		other.Key = "r1-2-li-wecom"
		lay := func(m notices.Message) string {
			s, _ := markup.Text().Lay(m, 2048, "")
			return s
		}
		require.Equal(t, lay(one), lay(again))
		require.NotEqual(t, lay(one), lay(other))
	})
	t.Run("what_does_not_fit_is_left_out_and_the_link_stays", func(t *testing.T) {
		m := message()
		m.Text = strings.Repeat("样件申请，", 1000)
		got, cut := markup.Text().Lay(m, 2048, "")
		require.True(t, cut)
		require.LessOrEqual(t, len(got), 2048)
		require.Greater(t, len(got), 2030)
		require.Contains(t, got, "…\n<a href=")
		require.True(t, strings.HasSuffix(got, "</a>"))
		require.True(t, utf8.ValidString(got))
	})
	t.Run("a_link_is_never_cut_in_half", func(t *testing.T) {
		m := notices.Message{Language: "en", Title: "Summary", Link: "https://s.example/notices"}
		for range 200 {
			m.Items = append(m.Items, notices.Item{Title: "OP-1", Lines: []string{"To do"}, Link: "https://s.example/1"})
		}
		for limit := 150; limit < 600; limit++ {
			got, cut := markup.Text().Lay(m, limit, "")
			require.True(t, cut)
			require.LessOrEqual(t, len(got), limit)
			require.Equal(t, strings.Count(got, "<a href="), strings.Count(got, "</a>"))
		}
	})
}

// tag is the mark of the notice in a link.
func tag(s string) string {
	_, after, _ := strings.Cut(s, "notice=")
	return after[:12]
}

// hostile draws texts that are made of markup.
func hostile() *rapid.Generator[string] {
	piece := rapid.SampledFrom([]string{
		"[x](http://evil.example)", "<@all>", "@all", "<at user_id=\"all\"></at>", "<a href=\"http://evil.example\">", "**", "__", "`", "# ", "> ", "- ", "+ ", "1. ",
		"1) ", "---", "===", "![i](http://evil.example/p.png)", "<font color=\"info\">", "|a|b|", "~~", "\n", "\n\n", "\r\n", "    ", "\t", "\\", "&lt;", "http", " ", "刹车盘", "x", "*a*", "_a_",
	})
	return rapid.Custom(func(t *rapid.T) string { return strings.Join(rapid.SliceOfN(piece, 0, 8).Draw(t, "pieces"), "") })
}

// TestHarmless parses what was laid out as Markdown and looks for anything that only a value could have brought in.
func TestHarmless(t *testing.T) {
	parser := goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.TaskList)).Parser()
	rapid.Check(t, func(rt *rapid.T) {
		m := notices.Message{Language: "en", Title: hostile().Draw(rt, "title"), Text: hostile().Draw(rt, "text"), Link: "https://s.example/own"}
		if rapid.Bool().Draw(rt, "digest") {
			m.Items = []notices.Item{{Title: hostile().Draw(rt, "item"), Lines: []string{hostile().Draw(rt, "line")}, Link: "https://s.example/own"}}
		}
		line := rapid.SampledFrom([]string{"\n", "\n\n"}).Draw(rt, "line")
		limit := rapid.IntRange(120, 2000).Draw(rt, "limit")
		laid, _ := markup.Markdown(line).Lay(m, limit, "")
		require.LessOrEqual(rt, len(laid), limit)
		source := []byte(laid)
		err := ast.Walk(parser.Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
			switch n := n.(type) {
			case *ast.Link:
				require.Equal(rt, "https://s.example/own", string(n.Destination), laid)
			case *ast.Document, *ast.Paragraph, *ast.Text, *ast.TextBlock, *ast.String:
			case *ast.Emphasis:
				require.Equal(rt, 2, n.Level, laid)
			case *ast.Image, *ast.RawHTML, *ast.HTMLBlock, *ast.CodeSpan, *ast.CodeBlock, *ast.FencedCodeBlock, *ast.Heading, *ast.List,
				*ast.Blockquote, *ast.ThematicBreak, *ast.AutoLink, *extast.Table, *extast.Strikethrough:
				require.Fail(rt, "a value became markup", "%T in %q", n, laid)
			}
			return ast.WalkContinue, nil
		})
		require.NoError(rt, err)
		for _, laid := range []string{laid, first(markup.Text().Lay(m, limit, ""))} {
			require.NotContains(rt, laid, "<@")
			require.NotContains(rt, laid, "<at")
			require.NotContains(rt, laid, "evil.example\">")
		}
	})
}

func first(s string, _ bool) string { return s }

func TestAddress(t *testing.T) {
	require.Equal(t, "https://s.example/a%28b%29%22%3E%20c", markup.Address("https://s.example/a(b)\"> c\n"))
	require.Equal(t, "https://s.example/a", markup.Tagged("https://s.example/a", ""))
	require.Contains(t, markup.Tagged("https://s.example/a?x=1", "k"), "&x=1")
}
