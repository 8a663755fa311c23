package store

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/stepwell/stepwell/internal/fault"
)

// TimeFormat is how a moment is stored: UTC, always milliseconds, always "Z". FormatTime and ParseTime apply it.
const TimeFormat = "2006-01-02T15:04:05.000Z"

// FormatTime renders a moment for storing and for filters.
func FormatTime(t time.Time) string { return t.UTC().Format(TimeFormat) }

// Doc is the JSON text of one document.
type Doc = json.RawMessage

// Filter is a MongoDB filter document made of JSON values. Which operators are understood stands in doc.go; any
// other is refused with ErrFilter, on both engines.
type Filter = map[string]any

// SortKey orders by one path.
type SortKey struct {
	Path string
	Desc bool
}

// Query selects documents of one collection.
type Query struct {
	Filter Filter
	Sort   []SortKey // ties are broken by _id, in the direction of the last key, so that pages never overlap
	Skip   int
	Limit  int      // 0: no limit
	Fields []string // paths to return besides _id; none: whole documents
}

// Stage is one stage of an aggregation pipeline, a document with one operator.
type Stage = map[string]any

// Index makes a filter or sort fast, and may forbid duplicates.
type Index struct {
	Name   string
	Keys   []SortKey
	Unique bool
	// Array says that the (single) key's path holds an array, so that containment is looked up and not scanned.
	Array bool
	// Present leaves documents out in which the first key is missing or null. A unique index is always Present.
	Present bool
}

// Op is what a Write does.
type Op string

// The operations of a Write.
const (
	OpInsert  Op = "insert"  // ErrDuplicate when the id is taken
	OpReplace Op = "replace" // compare-and-set on Rev: ErrConflict when the stored rev differs, ErrNotFound when gone
	OpPut     Op = "put"     // insert or replace, whatever was there
	OpAdd     Op = "add"     // insert if the id is free, else leave what is there: an idempotent insert
	OpUpdate  Op = "update"  // apply Update to the document if it is there, else nothing
	OpDelete  Op = "delete"  // nothing when it is gone
)

// Write is one change of one document.
type Write struct {
	Op         Op
	Collection string
	ID         string
	Doc        Doc    // insert, replace, put, add; its "_id" equals ID
	Rev        int64  // replace: the value that the stored document's "rev" must have
	Update     Update // update
	If         Filter // update: only if the document also matches this, so that a late repetition cannot undo what came after
}

// Update changes members of a document in place.
type Update struct {
	Set   map[string]any
	Inc   map[string]int64
	Unset []string
}

// Change tells that a document was written. It carries no content: who may see it is decided by whoever loads it.
type Change struct {
	Collection string
	ID         string
	Deleted    bool
}

// Store keeps documents. Every method fails with ErrUnavailable (wrapped) when the engine is out of reach.
type Store interface {
	// Get loads one document; ErrNotFound when there is none.
	Get(ctx context.Context, collection, id string) (Doc, error)
	// Find loads documents in order.
	Find(ctx context.Context, collection string, q Query) ([]Doc, error)
	// Count counts documents. With max > 0 it may stop there, so that huge lists stay fast.
	Count(ctx context.Context, collection string, f Filter, max int64) (int64, error)
	// Aggregate runs a pipeline.
	Aggregate(ctx context.Context, collection string, pipeline []Stage) ([]Doc, error)
	// Apply writes in the order given. When the first write fails, none happens. A transactional store does all or
	// none; another may stop after any of them, so whatever follows the first must be repeatable (add, put, update
	// to a fixed value, delete).
	Apply(ctx context.Context, writes ...Write) error
	// Transactional reports whether Apply is all or nothing.
	Transactional() bool
	// FindAndUpdate changes the first matching document atomically and returns it as it is afterwards; ErrNotFound
	// when none matches. With upsert a missing document is made from the filter's equalities and the update.
	FindAndUpdate(ctx context.Context, collection string, f Filter, sort []SortKey, u Update, upsert bool) (Doc, error)
	// DeleteMany removes all matching documents and says how many.
	DeleteMany(ctx context.Context, collection string, f Filter) (int64, error)
	// EnsureIndexes makes the collection and these indexes if they are missing, and drops indexes it made before
	// that are no longer listed.
	EnsureIndexes(ctx context.Context, collection string, indexes ...Index) error
	// Prepare is EnsureIndexes that does not wait for what takes long and no answer depends on: when many documents are there
	// already, it makes the unique indexes and gives back a function that makes the others, beside reads and writes. It
	// may run at any time, also after another Prepare: it leaves alone what is no longer wanted.
	Prepare(ctx context.Context, collection string, indexes ...Index) (build func(context.Context) error, err error)
	// Watch tells of changes of these collections from now on, made by any server copy, until ctx ends. The channel is
	// closed when ctx ends; a watcher that is too slow gets one Change with an empty ID, meaning "load everything again".
	Watch(ctx context.Context, collections ...string) (<-chan Change, error)
	// Files is the store's file room.
	Files() Files
	// Ping checks that the engine answers.
	Ping(ctx context.Context) error
	io.Closer
}

// Files keeps bytes under an id. An id is written once; writing the same id with the same bytes again is no error.
type Files interface {
	// Put stores everything r gives and says how much that was. A failed read leaves nothing behind.
	Put(ctx context.Context, id string, r io.Reader) (size int64, err error)
	// Open reads a file; ErrNotFound when there is none.
	Open(ctx context.Context, id string) (io.ReadSeekCloser, error)
	// Delete removes a file; nothing when it is gone.
	Delete(ctx context.Context, id string) error
}

// Faults of the store.
var (
	ErrNotFound    = fault.Define(fault.NotFound, "store.notFound", "There is no {collection} {id}.", "没有找到 {collection} {id}。")
	ErrConflict    = fault.Define(fault.Stale, "store.conflict", "Somebody else changed this at the same moment. Load it again and repeat your change.", "其他人刚刚修改了此内容，请重新载入后再改。")
	ErrDuplicate   = fault.Define(fault.Conflict, "store.duplicate", "This value exists already ({index}).", "该值已存在（{index}）。")
	ErrFilter      = fault.Define(fault.Invalid, "store.filter", "The filter is not understood at {at}: {why}.", "筛选条件在 {at} 处无法识别：{why}。")
	ErrDocument    = fault.Define(fault.Invalid, "store.document", "The document {id} cannot be stored in {collection}: {why}.", "文档 {id} 无法存入 {collection}：{why}。")
	ErrUnavailable = fault.Define(fault.Unavailable, "store.unavailable", "The database is out of reach. Nothing was lost; try again in a moment.", "数据库暂时无法连接，数据没有丢失，请稍后重试。")
	ErrFull        = fault.Define(fault.Unavailable, "store.full", "The disk is full or locked, so nothing can be saved. Ask your administrator to free space.", "磁盘已满或被锁定，暂时无法保存，请联系管理员清理空间。")
)
