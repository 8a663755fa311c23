package sample

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"path"
	"strings"
	"unicode/utf16"
)

// Content makes a small real file of the type that the ending of its name says: .pdf or .png. The same name and title
// give the same bytes, another one gives others.
func Content(name, title string) ([]byte, error) {
	if title == "" {
		title = strings.TrimSuffix(name, path.Ext(name))
	}
	switch path.Ext(name) {
	case ".pdf":
		return pdf(title, name), nil
	case ".png":
		return picture(name + title)
	default:
		return nil, fmt.Errorf("no sample file ends in %q; use .pdf or .png", path.Ext(name))
	}
}

// pdf is one A4 page with a title and a line below it, in the font for Chinese that every viewer brings.
func pdf(title, line string) []byte {
	page := fmt.Sprintf("BT /F1 20 Tf 56 770 Td <%s> Tj 0 -32 Td /F1 11 Tf <%s> Tj ET\n0.6 w 56 755 483 -690 re S\n", utf16Hex(title), utf16Hex(line))
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%sendstream", len(page), page),
		"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UTF16-H /DescendantFonts [6 0 R] >>",
		"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 5 >> /FontDescriptor 7 0 R >>",
		"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	offsets := make([]int, len(objects))
	for i, o := range objects {
		offsets[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, at := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, xref)
	return b.Bytes()
}

func utf16Hex(s string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u>>8), byte(u)) //nolint:gosec // the two halves of 16 bits
	}
	return hex.EncodeToString(b)
}

// picture is a small striped image whose colours follow from the text.
func picture(text string) ([]byte, error) {
	sum := sha256.Sum256([]byte(text))
	img := image.NewRGBA(image.Rect(0, 0, 80, 60))
	for y := range 60 {
		for x := range 80 {
			img.SetRGBA(x, y, color.RGBA{sum[0], sum[1], sum[2+(x+y)/20], 255})
		}
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, img); err != nil {
		return nil, fmt.Errorf("make picture: %w", err)
	}
	return b.Bytes(), nil
}
