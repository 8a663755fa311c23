/*
Package store keeps JSON documents. It speaks a small subset of MongoDB's query, update and aggregation language on two
engines, store/embedded and store/mongodb, that answer alike. Both work from the trees that package query makes of what
a caller hands in, so what is not written here is refused by both, with ErrFilter and the place.

# Documents

A document is a JSON object with a string "_id" of 1 to 500 bytes and, for compare-and-set, an integer "rev". Members
keep their order, except that the id comes first. Integers of 64 bits stay integers, every other number is a float64,
and both come back in one spelling (1.50 as 1.5, 1e2 as 100.0). Refused with ErrDocument: a name that stands twice in
one object, the character NUL, broken UTF-8, numbers beyond float64, more than 90 levels, more than MaxDocument bytes.

A moment is text in TimeFormat (FormatTime, ParseTime, Moment), so it sorts and compares as text; a date is
"2006-01-02". Ids are made by NewID or derived from other ids.

# Paths

A path is names joined by dots, "data.customer.id". A name is made of ASCII letters, digits, "_" and "-" and is not a
bare number. On its way a path steps into the objects of an array: "items.sku" leads to the sku of every item. Documents
may hold members that no path can name.

# Filters

A Filter is a Go map of JSON values; Go's named types, Moments and whatever json.Marshal understands will do as well.

	{"a": v}  {"a": {"$eq": v}}     equal to v, or an array that holds v; v is no object; null is also what is missing
	$ne                             not $eq
	$gt $gte $lt $lte               numbers, texts (by byte) or booleans; values of another kind never match
	$in $nin                        equal to any, to none, of a list of scalars
	$all                            an array that holds all of a list
	$size                           an array of so many elements
	$exists                         true: there, even if null; false: not there
	$regex                          Prefix or Contains; nothing else of regular expressions
	$elemMatch                      an array, one element of which passes a filter or operators
	$not                            {"a": {"$not": {operators}}}
	$and $or $nor                   lists of filters; And and Or build them

As in MongoDB, each condition on an array is asked of any element by itself; $elemMatch asks all of one element.

# Order

null and what is missing, numbers, texts, objects, arrays, false, true. A text compares by byte. An array sorts by its
least element, or its greatest when descending, and an empty one before null. Two paths that hold arrays cannot be
sorted by together, and a query with Fields should not sort by a path through an array. Ties are broken by id, in the direction of the last key; without a sort the order is that of the ids.
After goes on where a page ended.

# Updates

Update sets, increases and removes members at paths. It makes the objects that a path lacks, and refuses to go through
anything else, an array included. Paths may not overlap. Write.If lets an update happen only to what it matches. With
upsert, FindAndUpdate's filter names the id and other top-level equalities, which the new document begins with.

# Pipelines

	$match                          a filter
	$sort                           []SortKey, or a map of one path to 1 or -1
	$skip $limit                    whole numbers
	$count                          the name of the member that holds the number; no document when nothing is counted
	$unwind                         "$path", or {path, preserveNullAndEmptyArrays}
	$project                        {"path": 1, "name": expression, "_id": 0}
	$group                          {"_id": expression or {name: expression}, "name": {accumulator: expression}}

Accumulators are $sum and $avg (of what is a number), $min, $max (of what is not null), $first and {"$count": {}}.
Expressions are "$path", literals, {"$literal": v} and

	{"$dateBucket": {"date": "$path", "unit": unit, "timezone": zone}}

which names the bucket of a moment, in the zone, or of a date, as it is: year "2026", quarter "2026-Q1", month
"2026-01", week "2026-W01" (ISO 8601), day "2026-01-31", hour "2026-01-31T09"; null for anything else. A zone is "UTC",
an IANA name with a slash ("Asia/Shanghai") or an offset ("+08:00"). What is missing in a group's _id is null.
Groups come in any order: sort them. A sum of floating-point numbers may differ in its last digits between engines.

# Indexes

A filter's equalities, then a sort, are fast when an index has these paths as its keys, in this order; the id is part
of every index. Index.Array makes containment fast, on one path. A unique index leaves documents out in which its first
key is missing or null; a value that is an array or object is not for unique indexes. An index may be missing, or name
paths that hold anything at all: answers never depend on indexes.
*/
package store
