package password

import (
	_ "embed"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/schemas/problem"
)

// Limits of a password's length in characters.
const (
	MinLength = 10
	MaxLength = 128
)

// minParts is how many parts a password must have, when a word, a run such as 1234 or a year counts as one.
const minParts = 7

// Faults of a chosen password.
var (
	ErrShort  = fault.Define(fault.Invalid, "password.short", "A password needs at least {min} characters. Several words in a row are easy to remember.", "密码至少需要 {min} 个字符，用几个词连成一句话会更好记。")
	ErrLong   = fault.Define(fault.Invalid, "password.long", "A password has at most {max} characters.", "密码最多 {max} 个字符。")
	ErrSimple = fault.Define(fault.Invalid, "password.simple", "This password is easy to guess: it consists of common words, names, years or runs of keys. Add something that only you would think of.", "该密码容易被猜到：它由常见词、姓名、年份或连续按键组成，请加入一些只有您自己才会想到的内容。")
)

//go:embed common.txt
var commonText string

// Check refuses a password that is too short or easily guessed. personal are words that anybody would try for this
// person: user name, name, mail address.
func Check(password string, personal ...string) error {
	plain := []rune(strings.ToLower(norm.NFKC.String(password)))
	switch {
	case len(plain) < MinLength:
		return ErrShort.With(problem.Params{"min": MinLength})
	case len(plain) > MaxLength:
		return ErrLong.With(problem.Params{"max": MaxLength})
	case distinct(plain) < 5 || parts(plain, words(personal)) < minParts:
		return ErrSimple.With(nil)
	}
	return nil
}

func distinct(text []rune) int {
	sorted := slices.Sorted(slices.Values(text))
	return len(slices.Compact(sorted))
}

// words are the common words and the personal ones of three letters and more, the longest first.
func words(personal []string) [][]rune {
	fields := strings.Fields(commonText)
	for _, text := range personal {
		fields = append(fields, strings.FieldsFunc(strings.ToLower(norm.NFKC.String(text)), func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r)
		})...)
	}
	list := make([][]rune, 0, len(fields))
	for _, field := range fields {
		if utf8.RuneCountInString(field) >= 3 || field != "" && field[0] >= utf8.RuneSelf {
			list = append(list, []rune(field))
		}
	}
	slices.SortFunc(list, func(a, b []rune) int { return len(b) - len(a) })
	return list
}

// parts counts how many choices it takes to write the text.
func parts(text []rune, words [][]rune) int {
	folded := make([]rune, len(text))
	for i, r := range text {
		folded[i] = fold(r)
	}
	count := 0
	for i := 0; i < len(text); count++ {
		i += max(1, wordAt(text[i:], folded[i:], words), runAt(text[i:]), yearAt(text[i:]))
	}
	return count
}

func wordAt(text, folded []rune, words [][]rune) int {
	for _, word := range words {
		n := len(word)
		if n <= len(text) && (slices.Equal(text[:n], word) || slices.Equal(folded[:n], word)) {
			return n
		}
	}
	return 0
}

// fold undoes the usual disguises of letters.
func fold(r rune) rune {
	const disguised, letters = "@40135$!7", "aaoiessit"
	if i := strings.IndexRune(disguised, r); i >= 0 {
		return rune(letters[i])
	}
	return r
}

// runAt is the length of a run of equal, rising or falling characters: aaa, 1234, cba.
func runAt(text []rune) int {
	if len(text) < 3 {
		return 0
	}
	step := text[1] - text[0]
	if step < -1 || step > 1 {
		return 0
	}
	n := 2
	for n < len(text) && text[n]-text[n-1] == step {
		n++
	}
	if n < 3 {
		return 0
	}
	return n
}

func yearAt(text []rune) int {
	if len(text) < 4 {
		return 0
	}
	century := string(text[:2])
	if (century == "19" || century == "20") && unicode.IsDigit(text[2]) && unicode.IsDigit(text[3]) {
		return 4
	}
	return 0
}
