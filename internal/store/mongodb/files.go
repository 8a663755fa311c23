package mongodb

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/primitive"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"github.com/stepwell/stepwell/internal/clock"
	"github.com/stepwell/stepwell/internal/store"
	"github.com/stepwell/stepwell/internal/store/query"
	"github.com/stepwell/stepwell/schemas/problem"
)

const (
	fileCollection   = "fs.files"
	chunkCollection  = "fs.chunks"
	uploadCollection = "fs.uploads" // uploads that are not complete, so that what a crash leaves can be found
	chunkSize        = 1 << 20
	staleUpload      = 24 * time.Hour
)

// files keeps contents as GridFS does, so that MongoDB's own tools can read them. A file's name is its id.
type files struct{ store *Store }

type fileDoc struct {
	ID         primitive.ObjectID `bson:"_id"`
	Length     int64              `bson:"length"`
	ChunkSize  int32              `bson:"chunkSize"`
	UploadDate time.Time          `bson:"uploadDate"`
	Filename   string             `bson:"filename"`
	Metadata   struct {
		SHA256 string `bson:"sha256"`
	} `bson:"metadata"`
}

func (f *files) collection(name string) *mongo.Collection { return f.store.db.Collection(name) }

// start lays the room out and clears what uploads of crashed servers left.
func (f *files) start(ctx context.Context, ck clock.Clock) error {
	unique := options.Index().SetUnique(true)
	_, err := f.collection(fileCollection).Indexes().CreateOne(ctx, mongo.IndexModel{Keys: bson.D{{Key: "filename", Value: 1}}, Options: unique})
	if err != nil {
		return asFault(ctx, "lay out files", fileCollection, "", err)
	}
	_, err = f.collection(chunkCollection).Indexes().CreateOne(ctx, mongo.IndexModel{
		Keys: bson.D{{Key: "files_id", Value: 1}, {Key: "n", Value: 1}}, Options: unique,
	})
	if err != nil {
		return asFault(ctx, "lay out files", chunkCollection, "", err)
	}
	if err := f.store.create(ctx, uploadCollection); err != nil {
		return asFault(ctx, "lay out files", uploadCollection, "", err)
	}
	before := primitive.NewObjectIDFromTimestamp(ck.Now().Add(-staleUpload))
	cur, err := f.collection(uploadCollection).Find(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$lt", Value: before}}}})
	if err != nil {
		return asFault(ctx, "look for broken uploads", uploadCollection, "", err)
	}
	return asFault(ctx, "clear broken uploads", uploadCollection, "", f.store.each(ctx, cur, func(raw bson.Raw) error {
		return f.giveUp(ctx, raw.Lookup("_id").ObjectID())
	}))
}

// giveUp removes the chunks of an upload, unless it was completed.
func (f *files) giveUp(ctx context.Context, id primitive.ObjectID) error {
	err := f.collection(fileCollection).FindOne(ctx, bson.D{{Key: "_id", Value: id}}).Err()
	if errors.Is(err, mongo.ErrNoDocuments) {
		_, err = f.collection(chunkCollection).DeleteMany(ctx, bson.D{{Key: "files_id", Value: id}})
	}
	if err != nil {
		return err
	}
	_, err = f.collection(uploadCollection).DeleteOne(ctx, bson.D{{Key: "_id", Value: id}})
	return err
}

// Put stores what r gives.
func (f *files) Put(ctx context.Context, id string, r io.Reader) (int64, error) {
	if err := query.CheckID(id); err != nil {
		return 0, err
	}
	file := fileDoc{ID: primitive.NewObjectID(), ChunkSize: chunkSize, Filename: id}
	file.UploadDate = file.ID.Timestamp()
	err := f.put(ctx, &file, r)
	if err == nil {
		return file.Length, nil
	}
	clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), operationTimeout)
	defer cancel()
	if e := f.giveUp(clean, file.ID); e != nil { // the next start will
		err = errors.Join(err, fmt.Errorf("clean up: %w", e))
	}
	if mongo.IsDuplicateKeyError(err) {
		return f.same(ctx, file)
	}
	return 0, err
}

func (f *files) put(ctx context.Context, file *fileDoc, r io.Reader) error {
	attempt := "store file " + file.Filename
	if _, err := f.collection(uploadCollection).InsertOne(ctx, bson.D{{Key: "_id", Value: file.ID}}); err != nil {
		return asFault(ctx, attempt, uploadCollection, "", err)
	}
	sum := sha256.New()
	chunk := make([]byte, chunkSize)
	for n := int32(0); ; n++ {
		size, err := io.ReadFull(r, chunk)
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return fmt.Errorf("%s: read: %w", attempt, err)
		}
		if size > 0 {
			sum.Write(chunk[:size])
			file.Length += int64(size)
			if _, err := f.collection(chunkCollection).InsertOne(ctx, bson.D{
				{Key: "files_id", Value: file.ID}, {Key: "n", Value: n}, {Key: "data", Value: primitive.Binary{Data: chunk[:size]}},
			}); err != nil {
				return asFault(ctx, attempt, chunkCollection, "", err)
			}
		}
		if last {
			break
		}
	}
	file.Metadata.SHA256 = hex.EncodeToString(sum.Sum(nil))
	if _, err := f.collection(fileCollection).InsertOne(ctx, file); err != nil {
		return asFault(ctx, attempt, fileCollection, file.Filename, err)
	}
	_, err := f.collection(uploadCollection).DeleteOne(ctx, bson.D{{Key: "_id", Value: file.ID}})
	return asFault(ctx, attempt, uploadCollection, "", err)
}

// same answers a Put of an id that is taken: all right when the content is the same.
func (f *files) same(ctx context.Context, file fileDoc) (int64, error) {
	there, err := f.find(ctx, file.Filename)
	if err != nil {
		return 0, err
	}
	if there.Metadata.SHA256 != file.Metadata.SHA256 {
		return 0, store.ErrDuplicate.With(problem.Params{"index": "_id", "collection": "files", "id": file.Filename})
	}
	return there.Length, nil
}

func (f *files) find(ctx context.Context, id string) (file fileDoc, err error) {
	err = f.collection(fileCollection).FindOne(ctx, bson.D{{Key: "filename", Value: id}}).Decode(&file)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return file, notFound("files", id)
	}
	return file, asFault(ctx, "find file "+id, fileCollection, id, err)
}

// Open opens a file for reading.
func (f *files) Open(ctx context.Context, id string) (io.ReadSeekCloser, error) {
	file, err := f.find(ctx, id)
	if err != nil {
		return nil, err
	}
	load := func(n int64) ([]byte, error) {
		var chunk struct {
			Data []byte `bson:"data"`
		}
		err := f.collection(chunkCollection).FindOne(ctx, bson.D{{Key: "files_id", Value: file.ID}, {Key: "n", Value: n}}).Decode(&chunk)
		if errors.Is(err, mongo.ErrNoDocuments) { // deleted in between
			return nil, notFound("files", id)
		}
		return chunk.Data, asFault(ctx, "read file "+id, chunkCollection, id, err)
	}
	return &reader{size: file.Length, chunk: int64(file.ChunkSize), load: load, loaded: -1}, nil
}

// Delete removes a file.
func (f *files) Delete(ctx context.Context, id string) error {
	attempt := "delete file " + id
	var file fileDoc
	err := f.collection(fileCollection).FindOneAndDelete(ctx, bson.D{{Key: "filename", Value: id}}).Decode(&file)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil
	}
	if err != nil {
		return asFault(ctx, attempt, fileCollection, id, err)
	}
	_, err = f.collection(chunkCollection).DeleteMany(ctx, bson.D{{Key: "files_id", Value: file.ID}})
	return asFault(ctx, attempt, chunkCollection, id, err)
}

// reader reads a file chunk by chunk.
type reader struct {
	size, chunk int64
	load        func(n int64) ([]byte, error)
	pos         int64
	loaded      int64 // the number of the chunk in data
	data        []byte
	closed      bool
}

var errFileClosed = errors.New("the file is closed")

func (r *reader) Read(p []byte) (int, error) {
	switch {
	case r.closed:
		return 0, errFileClosed
	case r.pos >= r.size:
		return 0, io.EOF
	}
	if n := r.pos / r.chunk; n != r.loaded {
		data, err := r.load(n)
		if err != nil {
			return 0, err
		}
		r.data, r.loaded = data, n
	}
	n, err := bytes.NewReader(r.data).ReadAt(p, r.pos%r.chunk)
	r.pos += int64(n)
	if errors.Is(err, io.EOF) && n > 0 {
		err = nil
	}
	return n, err
}

func (r *reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.pos
	case io.SeekEnd:
		offset += r.size
	}
	if offset < 0 {
		return 0, fmt.Errorf("seek to %d: before the beginning", offset)
	}
	r.pos = offset
	return offset, nil
}

func (r *reader) Close() error {
	r.closed = true
	r.data = nil
	return nil
}
