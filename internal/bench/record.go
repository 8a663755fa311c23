package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
)

// field is one field of the form, and of the peer's collection.
type field struct {
	Key      string   `json:"key"`
	Type     string   `json:"type"` // of the peer's column
	Kind     string   `json:"-"`    // of the form's field
	Required bool     `json:"required"`
	Max      int      `json:"max"`
	Values   []string `json:"values,omitempty"`
}

// fields are the twenty fields of an order. Lists filter by segment and sort by amount.
func fields() []field {
	return []field{
		{Key: "code", Type: "text", Kind: "text", Required: true, Max: 40},
		{Key: "name", Type: "text", Kind: "text", Required: true, Max: 80},
		{Key: "company", Type: "text", Kind: "text", Required: true, Max: 80},
		{Key: "contact", Type: "text", Kind: "text", Max: 40},
		{Key: "phone", Type: "text", Kind: "phone"},
		{Key: "email", Type: "email", Kind: "email"},
		{Key: "city", Type: "text", Kind: "text", Max: 40},
		{Key: "address", Type: "text", Kind: "text", Max: 200},
		{Key: "segment", Type: "select", Kind: "singleChoice", Required: true, Values: choices("s", 20)},
		{Key: "priority", Type: "select", Kind: "singleChoice", Values: choices("p", 4)},
		{Key: "source", Type: "select", Kind: "singleChoice", Values: choices("o", 6)},
		{Key: "product", Type: "text", Kind: "text", Max: 80},
		{Key: "amount", Type: "number", Kind: "money", Required: true},
		{Key: "quantity", Type: "number", Kind: "number"},
		{Key: "discount", Type: "number", Kind: "number"},
		{Key: "weight", Type: "number", Kind: "number"},
		{Key: "urgent", Type: "bool", Kind: "yesNo"},
		{Key: "neededOn", Type: "date", Kind: "date"},
		{Key: "orderedOn", Type: "date", Kind: "date"},
		{Key: "note", Type: "text", Kind: "longText", Max: 2000},
	}
}

func choices(prefix string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("%s%02d", prefix, i)
	}
	return out
}

// order makes the n-th record: about one kilobyte, the same in every run.
func order(n int) map[string]any {
	r := rand.New(rand.NewPCG(uint64(n), 7)) //nolint:gosec // the same in every run; n counts from 0
	return map[string]any{
		"code": fmt.Sprintf("ORD-%07d", n), "name": fmt.Sprintf("支架总成 %d", n), "company": fmt.Sprintf("华东精密制造有限公司 %d", n%5000),
		"contact": fmt.Sprintf("王工 %d", n%900), "phone": fmt.Sprintf("138%08d", n), "email": fmt.Sprintf("buyer%d@example.com", n),
		"city": fmt.Sprintf("城市 %d", n%300), "address": fmt.Sprintf("工业园区科技路 %d 号", n), "segment": choices("s", 20)[r.IntN(20)],
		"priority": choices("p", 4)[r.IntN(4)], "source": choices("o", 6)[r.IntN(6)], "product": fmt.Sprintf("BRK-%04d", r.IntN(4000)),
		"amount": float64(1+r.IntN(5_000_000)) / 10, "quantity": float64(1 + r.IntN(10_000)), "discount": float64(r.IntN(30)), "weight": float64(1 + r.IntN(900)),
		"urgent": r.IntN(5) == 0, "neededOn": fmt.Sprintf("2026-%02d-%02d", 1+r.IntN(12), 1+r.IntN(28)),
		"orderedOn": fmt.Sprintf("2025-%02d-%02d", 1+r.IntN(12), 1+r.IntN(28)),
		"note":      "客户要求首批样件随附全尺寸检测报告与材质证明，包装采用周转箱，送货前两个工作日通知仓库。",
	}
}

// definitions are the app that Stepwell runs: the form, its flow with a task, and two roles.
func definitions() map[string]any {
	properties := map[string]any{}
	var required []string
	for _, f := range fields() {
		p := map[string]any{"x-field": f.Kind, "x-title": f.Key, "type": "string"}
		switch f.Type {
		case "number":
			p["type"] = "number"
		case "bool":
			p["type"] = "boolean"
		}
		if f.Max > 0 {
			p["maxLength"] = f.Max
		}
		if len(f.Values) > 0 {
			var options []any
			for _, v := range f.Values {
				options = append(options, map[string]any{"value": v, "label": v})
			}
			p["x-options"] = options
		}
		if f.Required {
			required = append(required, f.Key)
		}
		properties[f.Key] = p
	}
	grants := []any{map[string]any{"object": "form:order", "rows": "all", "actions": []string{"create", "read", "update", "submit"}}}
	out := map[string]any{}
	for at, body := range map[string]map[string]any{
		"app/bench": {"title": "Bench", "version": "1.0.0"},
		"form/order": {
			"title": "Order", "recordTitle": "{code} {name}", "search": []string{"company"},
			"indexes": []any{[]string{"segment", "amount"}},
			"rules":   []any{map[string]any{"id": "positive", "rule": "form.amount > 0", "message": "The amount must be positive.", "field": "amount"}},
			"schema": map[string]any{
				"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "additionalProperties": false,
				"required": required, "properties": properties,
			},
		},
		"flow/orders": {"title": "Orders", "form": "order", "blocks": []any{
			map[string]any{"id": "s1", "type": "stage", "title": "Check", "blocks": []any{
				map[string]any{"id": "t1", "type": "task", "title": "Check", "who": []any{map[string]any{"type": "owner"}}},
			}},
			map[string]any{"id": "e1", "type": "end", "outcome": "done", "label": "Done"},
		}},
		"role/rep":  {"title": "Rep", "grants": grants},
		"role/lead": {"title": "Lead", "inherits": []string{"rep"}, "grants": grants},
	} {
		kind, key, _ := strings.Cut(at, "/")
		body["kind"], body["key"] = kind, key
		out[at] = body
	}
	return out
}

func encode(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		return []byte("null") // cannot be: the driver's own maps
	}
	return text
}
