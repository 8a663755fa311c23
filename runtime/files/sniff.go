package files

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// sniffBytes is how much of a file's beginning decides its type.
const sniffBytes = 4096

const (
	typePDF  = "application/pdf"
	typeZip  = "application/zip"
	typeOLE  = "application/x-ole-storage"
	typeText = "text/plain"
	typeSTEP = "model/step"

	typeDOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	typeXLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	typePPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
	typeDOC  = "application/msword"
	typeXLS  = "application/vnd.ms-excel"
	typePPT  = "application/vnd.ms-powerpoint"
)

var pdfMark = []byte("%PDF-")

// sniff is the MIME type, without parameters, of a file that begins with head.
func sniff(head []byte) string {
	t := detect(head)
	if t == typePDF && !bytes.HasPrefix(bytes.TrimLeft(head, "\xef\xbb\xbf \t\r\n"), pdfMark) {
		// Many readers accept a mark further inside, so anything can carry one: see what the file is without it.
		t = detect(bytes.ReplaceAll(head, pdfMark, []byte("%pdf-")))
	}
	if t == typeText && bytes.HasPrefix(head, []byte("ISO-10303-21;")) {
		return typeSTEP
	}
	return t
}

func detect(head []byte) string {
	t, _, _ := strings.Cut(mimetype.Detect(head).String(), ";")
	return t
}

// container reports a type that holds others, which the first bytes may not tell.
func container(mime string) bool { return mime == typeZip || mime == typeOLE }

// inside looks further into a container; what it cannot tell stays what it was.
func inside(r io.ReadSeeker, size int64, mime string) string {
	const most = 256 << 20 // a directory of such an archive would cost too much memory
	switch {
	case mime == typeZip && size <= most:
		return zipKind(r, size)
	case mime == typeOLE:
		return oleKind(r)
	default:
		return mime
	}
}

func zipKind(r io.ReadSeeker, size int64) string {
	archive, err := zip.NewReader(readerAt{r}, size)
	if err != nil {
		return typeZip
	}
	kinds := map[string]string{"word/document.xml": typeDOCX, "xl/workbook.xml": typeXLSX, "ppt/presentation.xml": typePPTX}
	for _, f := range archive.File {
		if kind, ok := kinds[f.Name]; ok {
			return kind
		}
	}
	return typeZip
}

// oleKind reads the first sectors of the directory of an old office document: the streams' names stand there in UTF-16.
func oleKind(r io.ReadSeeker) string {
	header := make([]byte, 512)
	if _, err := io.ReadFull(rewound(r), header); err != nil {
		return typeOLE
	}
	sector := int64(512)
	if binary.LittleEndian.Uint16(header[26:]) == 4 {
		sector = 4096
	}
	if _, err := r.Seek(sector*(1+int64(binary.LittleEndian.Uint32(header[48:]))), io.SeekStart); err != nil {
		return typeOLE
	}
	directory, err := io.ReadAll(io.LimitReader(r, 4096))
	if err != nil {
		return typeOLE
	}
	for _, k := range []struct{ stream, mime string }{
		{"WordDocument", typeDOC}, {"Workbook", typeXLS}, {"Book", typeXLS}, {"PowerPoint Document", typePPT},
	} {
		name := make([]byte, 0, 2*len(k.stream)+2)
		for _, c := range []byte(k.stream + "\x00") {
			name = append(name, c, 0)
		}
		for entry := directory; len(entry) >= 128; entry = entry[128:] {
			if bytes.HasPrefix(entry, name) {
				return k.mime
			}
		}
	}
	return typeOLE
}

func rewound(r io.ReadSeeker) io.Reader {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return bytes.NewReader(nil)
	}
	return r
}

// readerAt reads at an offset by seeking; archive/zip calls it one read at a time.
type readerAt struct{ r io.ReadSeeker }

func (a readerAt) ReadAt(p []byte, off int64) (int, error) {
	if _, err := a.r.Seek(off, io.SeekStart); err != nil {
		return 0, err
	}
	n, err := io.ReadFull(a.r, p)
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	return n, err
}
