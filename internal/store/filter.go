package store

import "regexp"

// Prefix matches texts that begin with s, exactly.
func Prefix(s string) Filter { return Filter{"$regex": "^" + regexp.QuoteMeta(s)} }

// Contains matches texts that hold s anywhere; fold ignores upper and lower case.
func Contains(s string, fold bool) Filter {
	f := Filter{"$regex": regexp.QuoteMeta(s)}
	if fold {
		f["$options"] = "i"
	}
	return f
}

// And matches what every filter matches. Nil filters, which match everything, fall away.
func And(filters ...Filter) Filter {
	kept := make([]any, 0, len(filters))
	var last Filter
	for _, f := range filters {
		if len(f) > 0 {
			kept, last = append(kept, f), f
		}
	}
	switch len(kept) {
	case 0:
		return nil
	case 1:
		return last
	default:
		return Filter{"$and": kept}
	}
}

// Or matches what any of the filters matches; without filters, nothing.
func Or(filters ...Filter) Filter {
	if len(filters) == 0 {
		return Filter{"_id": Filter{"$in": []any{}}}
	}
	list := make([]any, len(filters))
	for i, f := range filters {
		list[i] = f
	}
	return Filter{"$or": list}
}
