package expr

import (
	"fmt"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/stepwell/stepwell/internal/store"
)

// shapes tells the checker which members an object has and reads them from plain maps. A member that is declared but
// absent reads as null, an absent list as empty and an absent record as one without values; has() is false for all three.
type shapes struct {
	types.Provider
	members map[string]map[string]*types.FieldType
}

func newShapes() *shapes {
	return &shapes{Provider: types.NewEmptyRegistry(), members: map[string]map[string]*types.FieldType{}}
}

// object declares the object type of a path such as "form" or "form.items".
func (s *shapes) object(path string, fields []Field) *cel.Type {
	name := "stepwell." + path
	members := make(map[string]*types.FieldType, len(fields))
	for _, f := range fields {
		members[f.Key] = &types.FieldType{
			Type:    s.typeOf(path+"."+f.Key, f),
			GetFrom: reader(f),
			IsSet:   tester(f),
		}
	}
	s.members[name] = members
	return cel.ObjectType(name)
}

func (s *shapes) typeOf(path string, f Field) *cel.Type {
	switch f.Kind {
	case String:
		return cel.NullableType(cel.StringType)
	case Bool:
		return cel.NullableType(cel.BoolType)
	case Time:
		return cel.TimestampType
	case List:
		return cel.ListType(cel.StringType)
	case Table:
		return cel.ListType(s.object(path, f.Fields))
	case Object:
		return s.object(path, f.Fields)
	case Number, Any:
		// As double, `amount == 5` would not compile: 5 is an int.
		return cel.DynType
	}
	return cel.DynType
}

// FindStructType implements types.Provider.
func (s *shapes) FindStructType(name string) (*types.Type, bool) {
	if _, ok := s.members[name]; ok {
		return types.NewTypeTypeWithParam(types.NewObjectType(name)), true
	}
	return s.Provider.FindStructType(name)
}

// FindStructFieldNames implements types.Provider.
func (s *shapes) FindStructFieldNames(name string) ([]string, bool) {
	members, ok := s.members[name]
	if !ok {
		return s.Provider.FindStructFieldNames(name)
	}
	keys := make([]string, 0, len(members))
	for k := range members {
		keys = append(keys, k)
	}
	return keys, true
}

// FindStructFieldType implements types.Provider.
func (s *shapes) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	members, ok := s.members[name]
	if !ok {
		return s.Provider.FindStructFieldType(name, field)
	}
	ft, ok := members[field]
	return ft, ok
}

var (
	noItems   = []any{}
	noMembers = map[string]any{}
)

func reader(f Field) func(any) (any, error) {
	return func(target any) (any, error) {
		data, err := members(target)
		if err != nil {
			return nil, err
		}
		v, ok := data[f.Key]
		if !ok || v == nil {
			return blankOf(f.Kind), nil
		}
		switch f.Kind {
		case Time:
			if text, ok := v.(string); ok {
				return parseMoment(text)
			}
		case String:
			if t, ok := v.(time.Time); ok {
				return store.FormatTime(t), nil
			}
		case Number, Bool, List, Table, Object, Any:
		}
		return v, nil
	}
}

func tester(f Field) func(any) bool {
	return func(target any) bool {
		data, err := members(target)
		return err == nil && data[f.Key] != nil
	}
}

func members(target any) (map[string]any, error) {
	switch m := target.(type) {
	case map[string]any:
		return m, nil
	case nil:
		return noMembers, nil
	case map[ref.Val]ref.Val:
		return nil, errMismatch
	default:
		return nil, fmt.Errorf("%w: %T is not a record", errMismatch, target)
	}
}

func blankOf(k Kind) any {
	switch k {
	case List, Table:
		return noItems
	case Object:
		return noMembers
	case String, Number, Bool, Time, Any:
	}
	return nil
}
