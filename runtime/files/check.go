package files

import (
	"strconv"
	"strings"
	"time"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/schemas/definition"
	"github.com/stepwell/stepwell/schemas/form"
	"github.com/stepwell/stepwell/schemas/problem"
)

// What can be wrong with the files of a field.
var (
	WrongType = problem.Define("files.wrongType",
		"“{name}” looks like {actual}, but {wanted} is needed here. Changing the name does not change the file: save it in the right format and upload it again.",
		"“{name}”看起来是 {actual}，这里需要 {wanted}。只改文件名不会改变文件内容，请另存为正确的格式后重新上传。")
	WrongName = problem.Define("files.wrongName",
		"The file name “{name}” must contain “{part}”. Rename the file and upload it again.",
		"文件名“{name}”中须包含“{part}”，请重命名后重新上传。")
	NamePartMissing = problem.Define("files.namePartMissing",
		"File names here must contain the value of {field}, which is still empty. Fill that in first.",
		"这里的文件名须包含“{field}”的内容，请先填写“{field}”。")
	FileTooLarge = problem.Define("files.fieldTooLarge",
		"“{name}” has {size}; at most {limit} is allowed here. Compress or split it and upload it again.",
		"“{name}”大小为 {size}，这里单个文件最大 {limit}，请压缩或拆分后重新上传。")
	TooMany = problem.Define("files.tooMany",
		"{count} files are attached; at most {limit} are allowed. Remove some.",
		"已上传 {count} 个文件，最多允许 {limit} 个，请删除多余的文件。")
	TooFew = problem.Define("files.tooFew",
		"At least {limit} files are needed; {count} are attached.",
		"至少需要 {limit} 个文件，目前有 {count} 个，请继续上传。")
	Unusable = problem.Define("files.unusable",
		"The file “{name}” is not there any more, or was uploaded by somebody else. Please upload it again.",
		"文件“{name}”已失效，或不是由您上传的，请重新上传。")
)

// Place is the record and field that files are put into.
type Place struct{ App, Form, Record, Field string }

// Taken are the uploads that a record's field has taken in and that were nobody's before.
type Taken struct {
	Field string   `json:"field"` // path
	IDs   []string `json:"ids"`
}

// Fresh are those of the files of a field that no record has taken in before; false when there are none.
func Fresh(files []File, field string) (Taken, bool) {
	t := Taken{Field: field}
	for _, f := range files {
		if f.State != Bound {
			t.IDs = append(t.IDs, f.ID)
		}
	}
	return t, len(t.IDs) > 0
}

// Uploader is whose uploads may be used: a person's, or what that person sent by one quick link.
type Uploader struct{ User, Via string }

// OwnedBy reports whether an upload that no record has yet is an uploader's own.
func (f File) OwnedBy(u Uploader) bool { return f.UploadedBy == u.User && f.Via == u.Via }

// usable reports whether an uploader may put the file there: their own fresh upload, or one that is there already. Else
// anybody could read a file by putting its id into a record of their own.
func (f File) usable(by Uploader, at Place, now time.Time) bool {
	if f.State == Bound {
		return f.App == at.App && f.Form == at.Form && f.Record == at.Record
	}
	return f.State == Temp && f.OwnedBy(by) && now.Before(f.UploadedAt.Add(tempLife))
}

// Take replaces the references of a field by what the files really are, whatever the sender claimed of name, size and
// type. What may not be used is reported and left out. pointer is the place of the field's value.
func (s *Service) Take(known map[string]File, refs []form.FileRef, by Uploader, at Place, pointer string) ([]File, []problem.Problem) {
	files := make([]File, 0, len(refs))
	var problems []problem.Problem
	for i, ref := range refs {
		f, ok := known[ref.ID]
		if !ok || !f.usable(by, at, s.clock.Now()) {
			problems = append(problems, Unusable.At(item(pointer, i), problem.Params{"name": ref.Name}))
			continue
		}
		files = append(files, f)
	}
	return files, problems
}

// Bind is what makes uploads a record's own; to be written after the record. It may be repeated.
func Bind(ids []string, at Place) []store.Write {
	writes := make([]store.Write, len(ids))
	for i, id := range ids {
		writes[i] = store.Write{
			Op: store.OpUpdate, Collection: Collection, ID: id, If: store.Filter{"state": Temp},
			Update: store.Update{Set: map[string]any{
				"state": Bound, "app": at.App, "form": at.Form, "record": at.Record, "field": at.Field,
			}},
		}
	}
	return writes
}

// NamePart is what a rule with NameContains demands: the value at that path, and what the field is called.
type NamePart struct {
	Value string
	Field definition.Text
}

// Check says what is wrong with the files of a field. pointer is the place of the field's value, part is looked at only
// if the rule has NameContains; a character of it that no file name can hold, such as "/", stands as "_". Upper and lower
// case count as the same, as they do in file names on most systems.
func Check(rule form.FileRule, pointer string, files []File, part NamePart) []problem.Problem {
	var problems []problem.Problem
	limit, most := rule.MaxBytes, rule.MaxCount
	if limit == 0 {
		limit = DefaultMaxBytes
	}
	if most == 0 {
		most = 20
	}
	if len(files) > most {
		problems = append(problems, TooMany.At(pointer, problem.Params{"count": len(files), "limit": most}))
	}
	if len(files) < rule.MinCount {
		problems = append(problems, TooFew.At(pointer, problem.Params{"count": len(files), "limit": rule.MinCount}))
	}
	wanted := clean(part.Value)
	if rule.NameContains != "" && wanted == "" && len(files) > 0 {
		problems = append(problems, NamePartMissing.At(pointer, problem.Params{"field": part.Field}))
	}
	for i, f := range files {
		at := item(pointer, i)
		if !allowed(rule.Types, f.Type) {
			problems = append(problems, WrongType.At(at, problem.Params{
				"name": f.Name, "actual": TypeName(f.Type), "wanted": alternatives(rule.Types),
			}))
		}
		if rule.NameContains != "" && !contains(f.Name, wanted) {
			problems = append(problems, WrongName.At(at, problem.Params{"name": f.Name, "part": wanted}))
		}
		if f.Size > limit {
			problems = append(problems, FileTooLarge.At(at, problem.Params{
				"name": f.Name, "size": bytesText(f.Size), "limit": bytesText(limit),
			}))
		}
	}
	return problems
}

func item(pointer string, i int) string { return pointer + "/" + strconv.Itoa(i) }

func contains(name, part string) bool {
	return strings.Contains(strings.ToLower(name), strings.ToLower(part))
}
