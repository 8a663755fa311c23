// Command pocketbase is the peer that the benchmark measures Stepwell beside: a PocketBase server with one collection of
// the benchmark's fields, everything else as PocketBase has it by default. It is a module of its own, so that the product
// does not depend on it.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	_ "github.com/pocketbase/pocketbase/migrations" // makes the system tables
	"github.com/pocketbase/pocketbase/tools/types"
)

const collection = "orders"

// field is one field of the collection, as the driver describes it.
type field struct {
	Key      string   `json:"key"`
	Type     string   `json:"type"` // text, email, number, bool, date, select
	Required bool     `json:"required"`
	Max      int      `json:"max"`
	Values   []string `json:"values"`
}

func main() {
	dir := flag.String("data", "", "folder of the database")
	listen := flag.String("listen", "127.0.0.1:8090", "address to listen on")
	fields := flag.String("fields", "", "JSON file with the fields of the collection, which is made; without it, it is there")
	records := flag.String("records", "", "file with one record a line, loaded before serving a new collection")
	index := flag.String("index", "", "columns of the index, with commas")
	flag.Parse()
	if err := run(*dir, *listen, *fields, *records, *index); err != nil {
		log.Fatal(err)
	}
}

func run(dir, listen, fields, records, index string) error {
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: dir})
	if err := app.Bootstrap(); err != nil {
		return fmt.Errorf("start: %w", err)
	}
	if err := app.RunAllMigrations(); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if fields != "" {
		c, err := create(app, fields, index)
		if err != nil {
			return fmt.Errorf("make collection: %w", err)
		}
		if err := load(app, c, records); err != nil {
			return fmt.Errorf("load records: %w", err)
		}
	}
	return apis.Serve(app, apis.ServeConfig{HttpAddr: listen})
}

// create makes the collection. Anybody may read and write it: PocketBase gets by without asking who calls.
func create(app core.App, file, index string) (*core.Collection, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var fields []field
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, err
	}
	c := core.NewBaseCollection(collection)
	anybody := types.Pointer("")
	c.ListRule, c.ViewRule, c.CreateRule = anybody, anybody, anybody
	for _, f := range fields {
		switch f.Type {
		case "text":
			c.Fields.Add(&core.TextField{Name: f.Key, Required: f.Required, Max: f.Max})
		case "email":
			c.Fields.Add(&core.EmailField{Name: f.Key, Required: f.Required})
		case "number":
			c.Fields.Add(&core.NumberField{Name: f.Key, Required: f.Required})
		case "bool":
			c.Fields.Add(&core.BoolField{Name: f.Key})
		case "date":
			c.Fields.Add(&core.DateField{Name: f.Key, Required: f.Required})
		case "select":
			c.Fields.Add(&core.SelectField{Name: f.Key, Required: f.Required, Values: f.Values, MaxSelect: 1})
		default:
			return nil, fmt.Errorf("field %s has the unknown type %q", f.Key, f.Type)
		}
	}
	c.AddIndex("idx_list", false, index, "")
	return c, app.Save(c)
}

// batch is how many records share a transaction while loading.
const batch = 2000

func load(app core.App, c *core.Collection, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for more := true; more; {
		err := app.RunInTransaction(func(tx core.App) error {
			for range batch {
				if more = lines.Scan(); !more {
					return lines.Err()
				}
				var data map[string]any
				if err := json.Unmarshal(lines.Bytes(), &data); err != nil {
					return err
				}
				record := core.NewRecord(c)
				record.Load(data)
				if err := tx.Save(record); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
