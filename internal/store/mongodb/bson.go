package mongodb

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/bsontype"
	"go.mongodb.org/mongo-driver/bson/primitive"

	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/value"
)

// encoder is the value.Sink that writes BSON. The outermost value must be an object.
type encoder struct {
	buf    []byte
	frames []frame
	name   string
}

type frame struct {
	start int
	array bool
	items int
}

func (e *encoder) element(t bsontype.Type) {
	if len(e.frames) == 0 {
		return
	}
	e.buf = append(e.buf, byte(t))
	if f := &e.frames[len(e.frames)-1]; f.array {
		e.buf = strconv.AppendInt(e.buf, int64(f.items), 10)
		f.items++
	} else {
		e.buf = append(e.buf, e.name...)
	}
	e.buf = append(e.buf, 0)
}

func (e *encoder) Null() { e.element(bson.TypeNull) }

func (e *encoder) Bool(b bool) {
	e.element(bson.TypeBoolean)
	if b {
		e.buf = append(e.buf, 1)
	} else {
		e.buf = append(e.buf, 0)
	}
}

func (e *encoder) Int(n int64) {
	if int64(int32(n)) == n { //nolint:gosec // that is the question
		e.element(bson.TypeInt32)
		e.buf = binary.LittleEndian.AppendUint32(e.buf, uint32(n)) //nolint:gosec // two's complement
		return
	}
	e.element(bson.TypeInt64)
	e.buf = binary.LittleEndian.AppendUint64(e.buf, uint64(n)) //nolint:gosec // two's complement
}

func (e *encoder) Float(f float64) {
	e.element(bson.TypeDouble)
	e.buf = binary.LittleEndian.AppendUint64(e.buf, math.Float64bits(f))
}

func (e *encoder) String(s string) {
	e.element(bson.TypeString)
	e.buf = binary.LittleEndian.AppendUint32(e.buf, uint32(len(s)+1)) //nolint:gosec // documents are far smaller
	e.buf = append(append(e.buf, s...), 0)
}

func (e *encoder) Name(s string) { e.name = s }

func (e *encoder) BeginObject() { e.open(bson.TypeEmbeddedDocument, false) }

func (e *encoder) EndObject() { e.close() }

func (e *encoder) BeginArray() { e.open(bson.TypeArray, true) }

func (e *encoder) EndArray() { e.close() }

func (e *encoder) open(t bsontype.Type, array bool) {
	e.element(t)
	e.frames = append(e.frames, frame{start: len(e.buf), array: array})
	e.buf = append(e.buf, 0, 0, 0, 0)
}

func (e *encoder) close() {
	last := len(e.frames) - 1
	start := e.frames[last].start
	e.frames = e.frames[:last]
	e.buf = append(e.buf, 0)
	binary.LittleEndian.PutUint32(e.buf[start:], uint32(len(e.buf)-start)) //nolint:gosec // documents are far smaller
}

// toBSON makes what the driver takes of a value.
func toBSON(v value.Value) any {
	switch v.Kind {
	case value.Int:
		if int64(int32(v.Int)) == v.Int { //nolint:gosec // that is the question
			return int32(v.Int) //nolint:gosec // it fits
		}
		return v.Int
	case value.Float:
		return v.Float
	case value.String:
		return v.Str
	case value.Bool:
		return v.Int != 0
	case value.Array:
		out := bson.A{}
		for _, item := range v.Items {
			out = append(out, toBSON(item))
		}
		return out
	case value.Object:
		out := bson.D{}
		for _, m := range v.Members {
			out = append(out, bson.E{Key: m.Name, Value: toBSON(m.Value)})
		}
		return out
	}
	return nil
}

var errBroken = errors.New("broken BSON")

// toJSON writes a BSON document as JSON text.
func toJSON(raw bson.Raw) (store.Doc, error) {
	w := value.NewWriter(make([]byte, 0, len(raw)))
	if err := emitDocument(string(raw), false, w); err != nil {
		return nil, err
	}
	return w.Bytes(), nil
}

func emitDocument(b string, array bool, s value.Sink) error {
	if len(b) < 5 || int(number32(b)) != len(b) {
		return errBroken
	}
	if array {
		s.BeginArray()
	} else {
		s.BeginObject()
	}
	for b = b[4:]; len(b) > 1; {
		t := bsontype.Type(b[0])
		end := strings.IndexByte(b[1:], 0)
		if end < 0 {
			return errBroken
		}
		if !array {
			s.Name(b[1 : 1+end])
		}
		n, err := emitValue(t, b[end+2:], s)
		if err != nil {
			return err
		}
		b = b[end+2+n:]
	}
	if array {
		s.EndArray()
	} else {
		s.EndObject()
	}
	return nil
}

func number32(b string) uint32 {
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
}

func number64(b string) uint64 { return uint64(number32(b)) | uint64(number32(b[4:]))<<32 }

// sizes are the lengths of the values that have a fixed one.
var sizes = map[bsontype.Type]int{
	bson.TypeDouble: 8, bson.TypeInt64: 8, bson.TypeDateTime: 8, bson.TypeInt32: 4, bson.TypeBoolean: 1,
	bson.TypeObjectID: 12, bson.TypeNull: 0, bson.TypeUndefined: 0,
	bson.TypeString: 4, bson.TypeEmbeddedDocument: 4, bson.TypeArray: 4, // at least
}

// emitValue tells one value and says how long it is. Moments and object ids, which Stepwell never writes but
// somebody's script may have, become text.
func emitValue(t bsontype.Type, b string, s value.Sink) (int, error) {
	size, ok := sizes[t]
	if !ok {
		return 0, fmt.Errorf("a value of the BSON type %s is not understood", t)
	}
	if len(b) < size {
		return 0, errBroken
	}
	switch t {
	case bson.TypeDouble:
		s.Float(math.Float64frombits(number64(b)))
	case bson.TypeInt64:
		s.Int(int64(number64(b))) //nolint:gosec // two's complement
	case bson.TypeInt32:
		s.Int(int64(int32(number32(b)))) //nolint:gosec // two's complement
	case bson.TypeBoolean:
		s.Bool(b[0] != 0)
	case bson.TypeDateTime:
		s.String(store.FormatTime(time.UnixMilli(int64(number64(b))))) //nolint:gosec // two's complement
	case bson.TypeObjectID:
		s.String(primitive.ObjectID([]byte(b[:12])).Hex())
	case bson.TypeString:
		size += int(number32(b))
		if size < 5 || len(b) < size {
			return 0, errBroken
		}
		s.String(b[4 : size-1])
	case bson.TypeEmbeddedDocument, bson.TypeArray:
		size = int(number32(b))
		if len(b) < size {
			return 0, errBroken
		}
		return size, emitDocument(b[:size], t == bson.TypeArray, s)
	default:
		s.Null()
	}
	return size, nil
}
