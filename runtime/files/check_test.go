package files

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/problem"
)

func TestSniff(t *testing.T) {
	png := "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01"
	for name, c := range map[string]struct{ head, want string }{
		"a_pdf_is_a_pdf":                             {"%PDF-1.7\n%âãÏÓ\n1 0 obj", "application/pdf"},
		"a_pdf_after_a_byte_order_mark_is_a_pdf":     {"\xef\xbb\xbf%PDF-1.4\n", "application/pdf"},
		"a_png_is_a_png":                             {png, "image/png"},
		"a_png_with_a_pdf_mark_inside_is_a_png":      {png + "tEXtComment\x00%PDF-1.7", "image/png"},
		"a_web_page_with_a_pdf_mark_is_a_web_page":   {"<!doctype html><p>%PDF-1.7", "text/html"},
		"chinese_text_is_plain_text":                 {"样件申请：请在周五前完成。", "text/plain"},
		"a_step_model_is_told_from_other_plain_text": {"ISO-10303-21;\nHEADER;", "model/step"},
		"noise_is_unknown":                           {"\x00\x01\x02\x03\xfe\xff\x00", "application/octet-stream"},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, sniff([]byte(c.head))) })
	}
}

func TestSafeName(t *testing.T) {
	for name, c := range map[string]struct{ given, want string }{
		"an_ordinary_name_stays":                  {"模具图纸 C-0042 v2.pdf", "模具图纸 C-0042 v2.pdf"},
		"folders_go":                              {`..\..\etc/passwd`, "passwd"},
		"forbidden_characters_become_underscores": {`a<b>:"c|d?*.pdf`, "a_b___c_d__.pdf"},
		"characters_that_turn_text_around_go":     {"invoice\u202efdp.exe", "invoicefdp.exe"},
		"line_breaks_cannot_reach_a_header":       {"a\r\nSet-Cookie: x.pdf", "a  Set-Cookie_ x.pdf"},
		"decomposed_letters_are_composed":         {"Mu\u0308ller.pdf", "Müller.pdf"},
		"dots_alone_are_no_name":                  {"...", "file"},
		"nothing_is_called_file":                  {"", "file"},
		"a_long_name_keeps_its_extension":         {strings.Repeat("图", 100) + ".pdf", strings.Repeat("图", 65) + ".pdf"},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, SafeName(c.given)) })
	}

	t.Run("every_name_becomes_safe_and_stays_as_it_then_is", func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			safe := SafeName(rapid.String().Draw(t, "name"))
			require.NotEmpty(t, safe)
			require.LessOrEqual(t, len(safe), maxName)
			require.NotContains(t, safe, "/")
			require.Equal(t, safe, SafeName(safe))
			require.NotEmpty(t, File{Name: safe}.Disposition(false))
		})
	})
}

func TestDisposition(t *testing.T) {
	pdf := File{Name: "图纸 1.pdf", Type: "application/pdf"}
	page := File{Name: `a";b.html`, Type: "text/html"}
	svg := File{Name: "a.svg", Type: "image/svg+xml"}

	t.Run("a_pdf_may_be_shown_in_place", func(t *testing.T) {
		require.Equal(t, "inline; filename*=utf-8''%E5%9B%BE%E7%BA%B8%201.pdf", pdf.Disposition(true))
	})
	t.Run("what_could_run_scripts_is_only_downloaded", func(t *testing.T) {
		require.Equal(t, `attachment; filename="a\";b.html"`, page.Disposition(true))
		require.Equal(t, "attachment; filename=a.svg", svg.Disposition(true))
	})
}

func TestCheck(t *testing.T) {
	drawing := form.FileRule{Types: []string{"application/pdf"}, NameContains: "customer.code"}
	code := NamePart{Value: "C-0042", Field: definition.Text{"zh-CN": "客户编号", "en": "Customer code"}}
	pdf := File{Name: "模具图纸_c-0042.pdf", Type: "application/pdf", Size: 1000}

	for name, c := range map[string]struct {
		rule  form.FileRule
		files []File
		part  NamePart
		want  []string // pointer, then the message in Chinese
		en    []string
	}{
		"a_file_that_follows_the_rule_passes": {rule: drawing, files: []File{pdf}, part: code},
		"a_renamed_png_is_called_what_it_is": {
			rule: drawing, files: []File{pdf, {Name: "图纸C-0042.pdf", Type: "image/png"}}, part: code,
			want: []string{"/drawing/1 “图纸C-0042.pdf”看起来是 PNG 图片，这里需要 PDF 文件。只改文件名不会改变文件内容，请另存为正确的格式后重新上传。"},
			en:   []string{"/drawing/1 “图纸C-0042.pdf” looks like a PNG image, but a PDF is needed here. Changing the name does not change the file: save it in the right format and upload it again."},
		},
		"a_name_without_the_customer_number_says_which": {
			rule: drawing, files: []File{{Name: "图纸.pdf", Type: "application/pdf"}}, part: code,
			want: []string{"/drawing/0 文件名“图纸.pdf”中须包含“C-0042”，请重命名后重新上传。"},
			en:   []string{"/drawing/0 The file name “图纸.pdf” must contain “C-0042”. Rename the file and upload it again."},
		},
		"an_empty_customer_number_is_asked_for": {
			rule: drawing, files: []File{pdf}, part: NamePart{Field: code.Field},
			want: []string{"/drawing 这里的文件名须包含“客户编号”的内容，请先填写“客户编号”。"},
			en:   []string{"/drawing File names here must contain the value of Customer code, which is still empty. Fill that in first."},
		},
		"a_slash_in_the_number_may_be_written_as_an_underscore": {
			rule: drawing, files: []File{{Name: "KH_07 图纸.pdf", Type: "application/pdf"}}, part: NamePart{Value: "KH/07"},
		},
		"size_and_count_are_named_with_their_limits": {
			rule:  form.FileRule{MaxBytes: 1 << 20, MaxCount: 1},
			files: []File{{Name: "a.bin", Size: 3 << 19}, {Name: "b.bin", Size: 1}},
			want:  []string{"/drawing 已上传 2 个文件，最多允许 1 个，请删除多余的文件。", "/drawing/0 “a.bin”大小为 1.5 MB，这里单个文件最大 1 MB，请压缩或拆分后重新上传。"},
			en:    []string{"/drawing 2 files are attached; at most 1 are allowed. Remove some.", "/drawing/0 “a.bin” has 1.5 MB; at most 1 MB is allowed here. Compress or split it and upload it again."},
		},
		"too_few_are_counted": {
			rule: form.FileRule{MinCount: 2}, files: []File{pdf},
			want: []string{"/drawing 至少需要 2 个文件，目前有 1 个，请继续上传。"},
			en:   []string{"/drawing At least 2 files are needed; 1 are attached."},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := Check(c.rule, "/drawing", c.files, c.part)
			require.Equal(t, c.want, messages(got, "zh-CN"))
			require.Equal(t, c.en, messages(got, "en"))
		})
	}
}

func TestAllowed(t *testing.T) {
	for name, c := range map[string]struct {
		types  []string
		actual string
		want   bool
	}{
		"no_types_take_anything":         {nil, "application/octet-stream", true},
		"a_group_takes_its_members":      {[]string{"image/*"}, "image/webp", true},
		"a_group_refuses_others":         {[]string{"image/*"}, "application/pdf", false},
		"another_name_of_the_type_is_it": {[]string{"application/x-pdf"}, "application/pdf", true},
		"a_zip_is_no_word_document":      {[]string{typeDOCX}, "application/zip", false},
		"a_word_document_is_no_zip":      {[]string{"application/zip"}, typeDOCX, false},
		"one_column_may_be_a_csv":        {[]string{"text/csv"}, "text/plain", true},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, allowed(c.types, c.actual)) })
	}
}

func messages(problems []problem.Problem, lang string) []string {
	var out []string
	for _, p := range problems {
		out = append(out, p.Pointer+" "+p.Message(lang))
	}
	return out
}
