// Package value is a JSON value as the store sees it: integers apart from floating-point numbers, members in the
// order they were written, and one total order over values of every kind, which is MongoDB's.
//
// Whatever reads values (JSON text, BSON, JSONB, a Value) tells them to a Sink, and whatever writes them is a Sink,
// so that any form turns into any other in one pass.
package value

// Kind is what a value is. The kinds stand in sorting order, except that Int and Float sort as one.
type Kind uint8

// The kinds of value.
const (
	Missing Kind = iota // no value at all; as a sort key, an empty array, which sorts before null
	Null
	Int
	Float
	String
	Object
	Array
	Bool
)

// Value is one JSON value. The zero Value is Missing.
type Value struct {
	Kind    Kind
	Int     int64 // of Int; 1 for the Bool true
	Float   float64
	Str     string
	Items   []Value
	Members []Member
}

// Member is one name and value of an object.
type Member struct {
	Name  string
	Value Value
}

// Sink takes in one value piece by piece.
type Sink interface {
	Null()
	Bool(b bool)
	Int(n int64)
	Float(f float64)
	String(s string)
	BeginObject()
	Name(s string) // before each value of an object
	EndObject()
	BeginArray()
	EndArray()
}

// OfString makes a String.
func OfString(s string) Value { return Value{Kind: String, Str: s} }

// OfInt makes an Int.
func OfInt(n int64) Value { return Value{Kind: Int, Int: n} }

// OfFloat makes a Float.
func OfFloat(f float64) Value { return Value{Kind: Float, Float: f} }

// OfBool makes a Bool.
func OfBool(b bool) Value {
	if b {
		return Value{Kind: Bool, Int: 1}
	}
	return Value{Kind: Bool}
}

// IsNumber reports whether v is an Int or a Float.
func (v Value) IsNumber() bool { return v.Kind == Int || v.Kind == Float }

// Number is v as a floating-point number, 0 when it is none.
func (v Value) Number() float64 {
	if v.Kind == Int {
		return float64(v.Int)
	}
	return v.Float
}

// Member finds a member of an object; Missing when there is none or v is no object.
func (v Value) Member(name string) Value {
	for i := range v.Members {
		if v.Members[i].Name == name {
			return v.Members[i].Value
		}
	}
	return Value{}
}

// Emit tells the value to a sink. Missing is told as null, except as a member, where it is left out.
func (v Value) Emit(s Sink) {
	switch v.Kind {
	case Missing, Null:
		s.Null()
	case Int:
		s.Int(v.Int)
	case Float:
		s.Float(v.Float)
	case String:
		s.String(v.Str)
	case Bool:
		s.Bool(v.Int != 0)
	case Object:
		s.BeginObject()
		for i := range v.Members {
			if m := &v.Members[i]; m.Value.Kind != Missing {
				s.Name(m.Name)
				m.Value.Emit(s)
			}
		}
		s.EndObject()
	case Array:
		s.BeginArray()
		for i := range v.Items {
			v.Items[i].Emit(s)
		}
		s.EndArray()
	}
}

// Builder is the Sink that makes a Value.
type Builder struct {
	stack []Value
	names []string
	done  Value
}

// Value is what was told.
func (b *Builder) Value() Value { return b.done }

func (b *Builder) add(v Value) {
	if len(b.stack) == 0 {
		b.done = v
		return
	}
	top := &b.stack[len(b.stack)-1]
	if top.Kind == Array {
		top.Items = append(top.Items, v)
		return
	}
	last := len(b.names) - 1
	top.Members = append(top.Members, Member{b.names[last], v})
	b.names = b.names[:last]
}

func (b *Builder) pop() {
	v := b.stack[len(b.stack)-1]
	b.stack = b.stack[:len(b.stack)-1]
	b.add(v)
}

// Null adds null.
func (b *Builder) Null() { b.add(Value{Kind: Null}) }

// Bool adds a Bool.
func (b *Builder) Bool(x bool) { b.add(OfBool(x)) }

// Int adds an Int.
func (b *Builder) Int(n int64) { b.add(OfInt(n)) }

// Float adds a Float.
func (b *Builder) Float(f float64) { b.add(OfFloat(f)) }

// String adds a String.
func (b *Builder) String(s string) { b.add(OfString(s)) }

// BeginObject opens an object.
func (b *Builder) BeginObject() { b.stack = append(b.stack, Value{Kind: Object}) }

// Name names the next value.
func (b *Builder) Name(s string) { b.names = append(b.names, s) }

// EndObject closes the object.
func (b *Builder) EndObject() { b.pop() }

// BeginArray opens an array.
func (b *Builder) BeginArray() { b.stack = append(b.stack, Value{Kind: Array}) }

// EndArray closes the array.
func (b *Builder) EndArray() { b.pop() }
