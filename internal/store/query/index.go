package query

import (
	"strings"

	"github.com/stepwell/stepwell/internal/store"
)

// CheckIndexes refuses index descriptions that not every engine can build.
func CheckIndexes(indexes []store.Index) error {
	seen := map[string]bool{}
	for _, x := range indexes {
		at := "/indexes/" + x.Name
		if !name(x.Name) || len(x.Name) > 60 || strings.HasPrefix(x.Name, "_id") {
			return refuse(at, "an index is named by up to 60 letters, digits, _ and -", "索引名称由最多 60 个字母、数字、_ 和 - 组成")
		}
		fold := strings.ToLower(x.Name)
		if seen[fold] {
			return refuse(at, "two indexes have this name", "索引名称重复")
		}
		seen[fold] = true
		if len(x.Keys) == 0 || len(x.Keys) > 10 || x.Array && len(x.Keys) != 1 {
			return refuse(at, "an index has 1 to 10 keys, exactly one when it is of an array", "索引应有 1 到 10 个键，数组索引只能有一个键")
		}
		if x.Array && x.Unique {
			return refuse(at, "an index of an array cannot be unique", "数组索引不能设为唯一")
		}
		if err := checkKeys(at, x.Keys); err != nil {
			return err
		}
	}
	return nil
}

func checkKeys(at string, keys []store.SortKey) error {
	var paths []Path
	for i, k := range keys {
		p, err := ParsePath(sub(at, i), k.Path)
		if err != nil {
			return err
		}
		if p.Parts[0] == "_id" {
			return refuse(sub(at, i), "every index ends with the id already", "索引末尾已自动包含 ID")
		}
		if o, clash := overlap(paths, p); clash {
			return refuse(sub(at, i), p.Text+" overlaps "+o.Text, p.Text+" 与 "+o.Text+" 重叠")
		}
		paths = append(paths, p)
	}
	return nil
}
