package access

import (
	"regexp"
	"strings"

	"github.com/stepwell/stepwell/internal/fault"
	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/schemas/problem"
	"github.com/stepwell/stepwell/schemas/role"
)

// PlatformObject is the object of permissions about the installation as a whole, in the app people.PlatformApp.
const PlatformObject = "platform"

// The actions on PlatformObject.
const (
	PeopleManage role.Action = "people.manage" // users, departments and everybody's roles
	AppsInstall  role.Action = "apps.install"  // install and remove apps
	AdminRead    role.Action = "admin.read"    // audit log and stuck work
	AdminRetry   role.Action = "admin.retry"   // try stuck work again
)

// PlatformActions lists the actions on PlatformObject.
func PlatformActions() []role.Action {
	return []role.Action{PeopleManage, AppsInstall, AdminRead, AdminRetry}
}

func actionsOn(object string) []role.Action {
	switch object {
	case PlatformObject:
		return PlatformActions()
	case role.AppObject:
		return role.AppActions()
	default:
		return role.FormActions()
	}
}

// Level says how a Rule decides.
type Level string

// The levels. The zero Level lets nobody through, so a route that was forgotten in the table is closed.
const (
	LevelPublic   Level = "public"   // anybody
	LevelSignedIn Level = "signedIn" // any person
	LevelGranted  Level = "granted"  // whose roles allow Action on Object of App
	// LevelRecords lets any person through, because taking part in a record gives access that no role does: what lies
	// behind the route must ask Rows or AllowsRecord for Action.
	LevelRecords Level = "records"
	// LevelQuickLink lets through whoever holds a quick link, signed in or not: what lies behind the route must check it.
	LevelQuickLink Level = "quickLink"
)

// Rule is the permission of one route. App and Object may hold {name} places that stand for path parameters.
type Rule struct {
	Level  Level
	Scope  people.Scope // what an API token must have
	App    string
	Object string
	Action role.Action
	// NoTokens keeps API tokens out: what they could do would outlive them.
	NoTokens bool
	// Outside is for calls of other systems, which show by themselves who they are: no browser sends them.
	Outside bool
	// BeforePasswordChange lets people through who have still to replace a password that was given to them.
	BeforePasswordChange bool
}

// Public lets anybody through.
func Public() Rule { return Rule{Level: LevelPublic} }

// FromOutside lets anybody through who knows the secret in the path, which what lies behind the route asks for.
func FromOutside() Rule { return Rule{Level: LevelPublic, Outside: true} }

// SignedIn lets any person through.
func SignedIn(scope people.Scope) Rule { return Rule{Level: LevelSignedIn, Scope: scope} }

// Own is for what people do with their own account: with a session only, also before a given password was changed.
func Own() Rule {
	return Rule{Level: LevelSignedIn, Scope: people.ScopeAdmin, NoTokens: true, BeforePasswordChange: true}
}

// Platform lets those through who may do an action on the installation.
func Platform(action role.Action) Rule {
	return Rule{Level: LevelGranted, Scope: people.ScopeAdmin, App: people.PlatformApp, Object: PlatformObject, Action: action}
}

// OnApp lets those through who may do an action on an object of the app in the path, e.g. role.AppObject or "form:{form}".
func OnApp(object string, action role.Action) Rule {
	return Rule{Level: LevelGranted, Scope: scopeOf(action), App: "{app}", Object: object, Action: action}
}

// OnRecords is for routes that themselves ask Rows or AllowsRecord for an action on the form in the path.
func OnRecords(action role.Action) Rule {
	return Rule{Level: LevelRecords, Scope: scopeOf(action), App: "{app}", Object: "form:{form}", Action: action}
}

func scopeOf(action role.Action) people.Scope {
	if action == role.Read || action == role.Export {
		return people.ScopeRead
	}
	return people.ScopeWrite
}

// QuickLink is for routes that a signed link in the path opens, by itself and for nothing else. No cookie gives a right there.
func QuickLink() Rule { return Rule{Level: LevelQuickLink} }

// WithScope changes what an API token must have.
func (r Rule) WithScope(scope people.Scope) Rule { r.Scope = scope; return r }

// Faults of CheckRoute.
var (
	ErrSignIn         = fault.Define(fault.Unauthenticated, "access.signIn", "Sign in first.", "请先登录。")
	ErrChangePassword = fault.Define(fault.Forbidden, "access.changePassword", "Choose a password of your own first.", "请先设置您自己的密码。")
	ErrScope          = fault.Define(fault.Forbidden, "access.scope", "This API token lacks the scope {scope}. Make one that has it.", "该 API 令牌缺少 {scope} 权限，请创建包含此权限的令牌。")
	ErrNoTokens       = fault.Define(fault.Forbidden, "access.noTokens", "This cannot be done with an API token. Sign in with your password.", "此操作不能使用 API 令牌，请用密码登录后再试。")
	ErrForbidden      = fault.Define(fault.Forbidden, "access.forbidden", "Your roles do not let you {action} here. Ask an administrator for a role that does.", "您的角色没有在此{action}的权限，如有需要请联系管理员。")
)

var place = regexp.MustCompile(`\{(\w+)\}`)

// CheckRoute decides whether a request may go on. param gives the path parameter of a name.
func (a *Service) CheckRoute(who people.Identity, rule Rule, param func(name string) string) error {
	switch {
	case rule.Level == LevelPublic, rule.Level == LevelQuickLink:
		return nil
	case !who.SignedIn() || !a.directory().Active(who.UserID()):
		return ErrSignIn.With(nil)
	case rule.NoTokens && who.Token != "":
		return ErrNoTokens.With(nil)
	case !who.Allows(rule.Scope):
		return ErrScope.With(problem.Params{"scope": string(rule.Scope)})
	case who.MustChangePassword && !rule.BeforePasswordChange:
		return ErrChangePassword.With(nil)
	case rule.Level == LevelSignedIn, rule.Level == LevelRecords:
		return nil
	case rule.Level == LevelGranted && a.Can(who.UserID(), fill(rule.App, param), fill(rule.Object, param), rule.Action):
		return nil
	}
	return Forbidden(rule.Action)
}

// fill puts path parameters into their places. A parameter that could be read as a wildcard grants nothing, because
// casbin compares what is asked for by its letters.
func fill(pattern string, param func(string) string) string {
	if !strings.Contains(pattern, "{") {
		return pattern
	}
	return place.ReplaceAllStringFunc(pattern, func(name string) string { return param(name[1 : len(name)-1]) })
}

// Forbidden is the fault of somebody whose roles do not allow an action.
func Forbidden(action role.Action) error {
	return ErrForbidden.With(problem.Params{"action": words(action)})
}
