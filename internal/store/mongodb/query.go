package mongodb

import (
	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/primitive"

	"github.com/stepwell/stepwell/internal/store/query"
	"github.com/stepwell/stepwell/internal/store/value"
)

var operators = map[query.Op]string{
	query.Eq: "$eq", query.Gt: "$gt", query.Gte: "$gte", query.Lt: "$lt", query.Lte: "$lte", query.In: "$in",
}

// filterDoc spells a checked filter.
func filterDoc(f query.Filter) bson.D {
	switch f.Op {
	case query.And:
		if len(f.Kids) == 0 {
			return bson.D{}
		}
		return bson.D{{Key: "$and", Value: filterDocs(f.Kids)}}
	case query.Or:
		if len(f.Kids) == 0 { // nothing
			return bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: bson.A{}}}}}
		}
		return bson.D{{Key: "$or", Value: filterDocs(f.Kids)}}
	case query.Not:
		kid := f.Kids[0]
		switch kid.Op {
		case query.Eq:
			return bson.D{{Key: kid.Path.Text, Value: bson.D{{Key: "$ne", Value: toBSON(kid.Value)}}}}
		case query.In:
			return bson.D{{Key: kid.Path.Text, Value: bson.D{{Key: "$nin", Value: toBSON(list(kid.Values))}}}}
		default:
			return bson.D{{Key: "$nor", Value: bson.A{filterDoc(kid)}}}
		}
	default:
		return bson.D{{Key: f.Path.Text, Value: tests(f)}}
	}
}

func filterDocs(fs []query.Filter) bson.A {
	out := make(bson.A, len(fs))
	for i, f := range fs {
		out[i] = filterDoc(f)
	}
	return out
}

func list(vs []value.Value) value.Value { return value.Value{Kind: value.Array, Items: vs} }

// tests spells the operators that one value must pass.
func tests(f query.Filter) bson.D {
	switch f.Op {
	case query.Eq, query.Gt, query.Gte, query.Lt, query.Lte:
		return bson.D{{Key: operators[f.Op], Value: toBSON(f.Value)}}
	case query.In:
		return bson.D{{Key: "$in", Value: toBSON(list(f.Values))}}
	case query.Exists:
		return bson.D{{Key: "$exists", Value: true}}
	case query.Size:
		return bson.D{{Key: "$size", Value: f.Size}}
	case query.Match:
		r := primitive.Regex{Pattern: f.Text.Pattern()}
		if f.Text.Fold {
			r.Options = "i"
		}
		return bson.D{{Key: "$regex", Value: r}}
	case query.ElemMatch:
		return bson.D{{Key: "$elemMatch", Value: filterDoc(f.Kids[0])}}
	case query.ElemIs:
		return bson.D{{Key: "$elemMatch", Value: tests(f.Kids[0])}}
	case query.Not:
		return bson.D{{Key: "$not", Value: tests(f.Kids[0])}}
	case query.Or: // only the empty one, which nothing passes
		return bson.D{{Key: "$in", Value: bson.A{}}}
	case query.And:
		var out bson.D
		for _, k := range f.Kids {
			out = append(out, tests(k)...)
		}
		return out
	}
	return nil
}

func sortDoc(keys []query.Key) bson.D {
	var out bson.D
	for _, k := range keys {
		direction := 1
		if k.Desc {
			direction = -1
		}
		out = append(out, bson.E{Key: k.Path.Text, Value: direction})
	}
	return out
}

func updateDoc(changes []query.Change) bson.D {
	var set, inc, unset bson.D
	for _, c := range changes {
		e := bson.E{Key: c.Path.Text, Value: toBSON(c.Value)}
		switch c.Op {
		case query.Set:
			set = append(set, e)
		case query.Inc:
			inc = append(inc, e)
		case query.Unset:
			unset = append(unset, e)
		}
	}
	var out bson.D
	for _, part := range []struct {
		op      string
		members bson.D
	}{{"$set", set}, {"$inc", inc}, {"$unset", unset}} {
		if len(part.members) > 0 {
			out = append(out, bson.E{Key: part.op, Value: part.members})
		}
	}
	return out
}

func pipelineDoc(stages []query.Stage) bson.A {
	out := make(bson.A, len(stages))
	for i, s := range stages {
		out[i] = stageDoc(s)
	}
	return out
}

func stageDoc(s query.Stage) bson.D {
	switch s.Kind {
	case query.StageMatch:
		return bson.D{{Key: "$match", Value: filterDoc(s.Filter)}}
	case query.StageSort:
		return bson.D{{Key: "$sort", Value: sortDoc(s.Sort)}}
	case query.StageLimit:
		return bson.D{{Key: "$limit", Value: s.N}}
	case query.StageSkip:
		return bson.D{{Key: "$skip", Value: s.N}}
	case query.StageCount:
		return bson.D{{Key: "$count", Value: s.Name}}
	case query.StageGroup:
		return bson.D{{Key: "$group", Value: groupDoc(s.Group)}}
	case query.StageProject:
		return bson.D{{Key: "$project", Value: projectDoc(s.Fields)}}
	case query.StageUnwind:
		return bson.D{{Key: "$unwind", Value: bson.D{
			{Key: "path", Value: "$" + s.Unwind.Path.Text}, {Key: "preserveNullAndEmptyArrays", Value: s.Unwind.Keep},
		}}}
	}
	return nil
}

var accumulators = map[query.AccumulatorKind]string{
	query.Sum: "$sum", query.Avg: "$avg", query.Min: "$min", query.Max: "$max", query.First: "$first", query.Count: "$count",
}

func groupDoc(g query.Group) bson.D {
	out := bson.D{{Key: "_id", Value: exprDoc(g.ID)}}
	for _, f := range g.Fields {
		var operand any = bson.D{}
		if f.Kind != query.Count {
			operand = exprDoc(f.Expr)
		}
		out = append(out, bson.E{Key: f.Name, Value: bson.D{{Key: accumulators[f.Kind], Value: operand}}})
	}
	return out
}

// unknown is a member that no document has. Asking for it keeps MongoDB from answering out of an index alone, which
// cannot tell a missing member from null.
var unknown = bson.E{Key: "(none)", Value: 1}

func projectDoc(fields []query.Output) bson.D {
	out := bson.D{unknown}
	for _, f := range fields {
		var v any = 1
		switch {
		case f.Expr != nil:
			v = exprDoc(*f.Expr)
		case f.Drop:
			v = 0
		}
		out = append(out, bson.E{Key: f.Path.Text, Value: v})
	}
	return out
}

func exprDoc(e query.Expr) any {
	switch e.Kind {
	case query.ExprPath:
		return "$" + e.Path.Text
	case query.ExprLiteral:
		return call("$literal", toBSON(e.Value))
	case query.ExprBucket:
		return bucketDoc(e)
	}
	out := bson.D{}
	for _, m := range e.Members {
		out = append(out, bson.E{Key: m.Name, Value: call("$ifNull", bson.A{exprDoc(m.Expr), nil})})
	}
	return out
}

func call(op string, operand any) bson.D { return bson.D{{Key: op, Value: operand}} }

var bucketFormats = map[query.Unit]string{
	query.Year: "%Y", query.Quarter: "%Y", query.Month: "%Y-%m", query.Week: "%G-W%V", query.Day: "%Y-%m-%d", query.Hour: "%Y-%m-%dT%H",
}

// bucketDoc reads a moment (24 characters, UTC) or a date (10, of the zone's calendar already) and names its bucket.
func bucketDoc(e query.Expr) any {
	zone := e.Zone.String()
	text := call("$cond", bson.A{
		call("$eq", bson.A{call("$type", "$"+e.Path.Text), "string"}), "$" + e.Path.Text, "",
	})
	read := func(more ...bson.E) bson.D {
		return call("$dateFromString", append(bson.D{{Key: "dateString", Value: text}, {Key: "onError", Value: nil}}, more...))
	}
	long := call("$eq", bson.A{call("$strLenBytes", text), 24})
	short := call("$eq", bson.A{call("$strLenBytes", text), 10})
	date := call("$switch", bson.D{{Key: "branches", Value: bson.A{
		bson.D{{Key: "case", Value: long}, {Key: "then", Value: read(bson.E{Key: "format", Value: "%Y-%m-%dT%H:%M:%S.%LZ"})}},
		bson.D{{Key: "case", Value: short}, {Key: "then", Value: read(bson.E{Key: "format", Value: "%Y-%m-%d"}, bson.E{Key: "timezone", Value: zone})}},
	}}, {Key: "default", Value: nil}})
	name := call("$dateToString", bson.D{
		{Key: "date", Value: "$$date"}, {Key: "format", Value: bucketFormats[e.Unit]}, {Key: "timezone", Value: zone}, {Key: "onNull", Value: nil},
	})
	if e.Unit == query.Quarter {
		month := call("$month", bson.D{{Key: "date", Value: "$$date"}, {Key: "timezone", Value: zone}})
		quarter := call("$toString", call("$toInt", call("$ceil", call("$divide", bson.A{month, 3}))))
		name = call("$concat", bson.A{name, "-Q", quarter}) // null when the date is
	}
	return call("$let", bson.D{{Key: "vars", Value: bson.D{{Key: "date", Value: date}}}, {Key: "in", Value: name}})
}
