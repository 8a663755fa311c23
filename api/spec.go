package api

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/goccy/go-yaml"
	"github.com/labstack/echo/v4"
)

//go:embed openapi.yaml
var specYAML []byte

// specJSON is the API description as JSON.
func specJSON() ([]byte, error) {
	var spec any
	if err := yaml.Unmarshal(specYAML, &spec); err != nil {
		return nil, fmt.Errorf("read openapi.yaml: %w", err)
	}
	b, err := json.Marshal(spec)
	if err != nil {
		return nil, fmt.Errorf("encode openapi.json: %w", err)
	}
	return b, nil
}

func (s *Server) openAPI(c echo.Context) error { return c.JSONBlob(http.StatusOK, s.spec) }
