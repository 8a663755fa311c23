package files

import (
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"github.com/stepwell/stepwell/schemas/definition"
)

func name(zh, en string) definition.Text { return definition.Text{"zh-CN": zh, "en": en} }

// typeNames says what people call a type.
var typeNames = map[string]definition.Text{
	typePDF:                        name("PDF 文件", "a PDF"),
	typeDOCX:                       name("Word 文档", "a Word document"),
	typeDOC:                        name("Word 文档（旧版 .doc）", "an old Word document (.doc)"),
	typeXLSX:                       name("Excel 表格", "an Excel workbook"),
	typeXLS:                        name("Excel 表格（旧版 .xls）", "an old Excel workbook (.xls)"),
	typePPTX:                       name("PowerPoint 演示文稿", "a PowerPoint presentation"),
	typePPT:                        name("PowerPoint 演示文稿（旧版 .ppt）", "an old PowerPoint presentation (.ppt)"),
	typeOLE:                        name("旧版 Office 文件", "an old Office file"),
	typeZip:                        name("ZIP 压缩包", "a ZIP archive"),
	typeText:                       name("纯文本", "plain text"),
	typeSTEP:                       name("STEP 三维模型", "a STEP model"),
	"application/vnd.rar":          name("RAR 压缩包", "a RAR archive"),
	"application/x-rar-compressed": name("RAR 压缩包", "a RAR archive"),
	"application/x-7z-compressed":  name("7z 压缩包", "a 7z archive"),
	"application/gzip":             name("GZIP 压缩包", "a GZIP archive"),
	"application/json":             name("JSON 文件", "a JSON file"),
	"application/octet-stream":     name("无法识别的文件", "a file of no known type"),
	"text/csv":                     name("CSV 表格", "a CSV table"),
	"text/html":                    name("网页", "a web page"),
	"text/xml":                     name("XML 文件", "an XML file"),
	"image/png":                    name("PNG 图片", "a PNG image"),
	"image/jpeg":                   name("JPEG 图片", "a JPEG image"),
	"image/gif":                    name("GIF 图片", "a GIF image"),
	"image/webp":                   name("WebP 图片", "a WebP image"),
	"image/bmp":                    name("BMP 图片", "a BMP image"),
	"image/tiff":                   name("TIFF 图片", "a TIFF image"),
	"image/heic":                   name("HEIC 图片", "a HEIC image"),
	"image/svg+xml":                name("SVG 图形", "an SVG drawing"),
	"image/vnd.dwg":                name("DWG 图纸", "a DWG drawing"),
	"image/vnd.dxf":                name("DXF 图纸", "a DXF drawing"),
	"video/mp4":                    name("MP4 视频", "an MP4 video"),
	"video/quicktime":              name("MOV 视频", "a MOV video"),
	"audio/mpeg":                   name("MP3 音频", "an MP3 recording"),
	"image/*":                      name("图片", "an image"),
	"video/*":                      name("视频", "a video"),
	"audio/*":                      name("音频", "a recording"),
	"text/*":                       name("文本文件", "a text file"),
}

// TypeName is what people call a MIME type; a type nobody has a name for is called by itself.
func TypeName(mime string) definition.Text {
	if n, ok := typeNames[mime]; ok {
		return n
	}
	return definition.Text{"": mime}
}

// alternatives is "a PDF or a PNG image".
func alternatives(types []string) definition.Text {
	join := func(lang, or string) string {
		names := make([]string, 0, len(types))
		for _, t := range types {
			if n := TypeName(t).In(lang); !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
		return strings.Join(names, or)
	}
	return definition.Text{"zh-CN": join("zh-CN", "或 "), "en": join("en", " or ")}
}

// allowed reports whether a rule's types, none meaning any, take a file of this type.
func allowed(types []string, actual string) bool {
	return len(types) == 0 || slices.ContainsFunc(types, func(want string) bool {
		if group, ok := strings.CutSuffix(want, "/*"); ok {
			return strings.HasPrefix(actual, group+"/")
		}
		if want == actual {
			return true
		}
		if want == "text/csv" && actual == typeText { // a table of one column looks like any text
			return true
		}
		known := mimetype.Lookup(actual)
		return known != nil && known.Is(want) // by another name of the same type
	})
}
