package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/stepwell/stepwell/api/web"
	"github.com/stepwell/stepwell/runtime/notices"
	"github.com/stepwell/stepwell/runtime/notices/preference"
	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/schemas/channel"
	"github.com/stepwell/stepwell/schemas/definition"
)

// personalChannel is a channel that reaches one person, as its reader chooses about it.
type personalChannel struct {
	Key     string          `json:"key"`
	Type    string          `json:"type"`
	Title   definition.Text `json:"title"`
	Contact string          `json:"contact,omitempty"` // where it reaches the person; absent: nowhere
}

type preferences struct {
	Causes   []string                                `json:"causes"`
	Channels []personalChannel                       `json:"channels"`
	Choices  map[string]map[string]preference.Choice `json:"choices"`
	Quiet    preference.Quiet                        `json:"quiet"`
	DigestAt string                                  `json:"digestAt"`
	Zone     string                                  `json:"zone"`
}

func (s *Server) getPreferences(c echo.Context) error {
	who := identity(c).User
	wants, err := s.Preferences.Of(c.Request().Context(), who.ID)
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, s.preferencesOf(who, wants))
}

func (s *Server) putPreferences(c echo.Context) error {
	var in struct {
		Choices  map[string]map[string]preference.Choice
		Quiet    preference.Quiet
		DigestAt string
	}
	if err := web.Read(c, &in); err != nil {
		return err
	}
	who := identity(c).User
	wants := preference.Preferences{Choices: in.Choices, Quiet: in.Quiet, DigestAt: in.DigestAt}
	channels := []string{}
	for _, ch := range s.personalChannels(who) {
		channels = append(channels, ch.Key)
	}
	if found := wants.Check(notices.Causes(), channels); len(found) > 0 {
		return preference.ErrInvalid.With(nil, found...)
	}
	if err := s.Preferences.Keep(c.Request().Context(), who.ID, wants); err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, s.preferencesOf(who, wants))
}

func (s *Server) preferencesOf(who *people.User, wants preference.Preferences) preferences {
	out := preferences{
		Causes: notices.Causes(), Channels: s.personalChannels(who), Choices: wants.Choices, Quiet: wants.Quiet, DigestAt: wants.DigestAt,
		Zone: s.Zone.String(),
	}
	if out.Choices == nil {
		out.Choices = map[string]map[string]preference.Choice{}
	}
	if out.DigestAt == "" {
		out.DigestAt = preference.DefaultDigest
	}
	return out
}

var mailTitle = definition.Text{"zh-CN": "邮件", "en": "E-mail"}

// personalChannels are mail and what the apps define besides, each key once.
func (s *Server) personalChannels(who *people.User) []personalChannel {
	out := []personalChannel{{Key: notices.Email, Type: string(channel.Mail), Title: mailTitle, Contact: who.Email}}
	known := map[string]int{notices.Email: 0}
	for _, a := range s.Catalog.Apps() {
		for _, def := range a.Channels {
			if def.Type == channel.InApp || def.Type.Group() {
				continue
			}
			if at, ok := known[def.Key]; ok {
				out[at].Title = def.Title
				continue
			}
			one := personalChannel{Key: def.Key, Type: string(def.Type), Title: def.Title, Contact: who.Email}
			if def.Type == channel.WeComApp {
				one.Contact = who.WeCom
			}
			known[def.Key] = len(out)
			out = append(out, one)
		}
	}
	return out
}
