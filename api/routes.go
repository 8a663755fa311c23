package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/stepwell/stepwell/runtime/access"
	"github.com/stepwell/stepwell/runtime/people"
	"github.com/stepwell/stepwell/schemas/role"
)

// Route is one address of the API: who may call it, and what answers.
type Route struct {
	Method, Path string // the path below /api/v1, as openapi.yaml writes it
	Rule         access.Rule
	Handler      echo.HandlerFunc
	// Keyed says that the handler itself remembers Idempotency-Keys; other POSTs are remembered by web.Idempotent.
	Keyed bool
	// Upload takes more than a JSON body.
	Upload bool
}

// Routes is the permission table: every route there is. A test walks it for every role, another compares it with
// openapi.yaml.
func (s *Server) Routes() []Route {
	const get, post, put, patch, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete
	read, write := people.ScopeRead, people.ScopeWrite
	signedIn := access.SignedIn
	me := access.SignedIn(read)
	me.BeforePasswordChange = true // or nobody could learn that a password is to be chosen
	own := access.Own()
	own.BeforePasswordChange = false
	design, publish := access.OnApp(role.AppObject, role.Design), access.OnApp(role.AppObject, role.Publish)
	definition := "/apps/{app}/definitions/{kind}/{key}"
	form := "/apps/{app}/forms/{form}"
	record := form + "/records/{id}"
	automation, run := "/apps/{app}/automations", "/apps/{app}/runs"
	return []Route{
		{post, "/session", access.Public(), s.signIn, true, false},
		{del, "/session", access.Own(), s.signOut, false, false},
		{post, "/session/confirm", own, s.confirmSession, true, false},
		{get, "/setup", access.Public(), s.getSetup, false, false},
		{post, "/setup", access.Public(), s.setUp, true, false},
		{get, "/me", me, s.getMe, false, false},
		{patch, "/me", access.Own(), s.updateMe, false, false},
		{post, "/me/password", access.Own(), s.changePassword, true, false},
		{get, "/me/notice-preferences", access.Own(), s.getPreferences, false, false},
		{put, "/me/notice-preferences", access.Own(), s.putPreferences, false, false},
		{get, "/sessions", access.Own(), s.listSessions, false, false},
		{del, "/sessions/{id}", access.Own(), s.revokeSession, false, false},
		{get, "/tokens", access.Own(), s.listTokens, false, false},
		{post, "/tokens", access.Own(), s.createToken, true, false},
		{del, "/tokens/{id}", access.Own(), s.revokeToken, false, false},

		{get, "/market", access.Platform(access.AppsInstall), s.listMarket, false, false},
		{get, "/apps", signedIn(read), s.listApps, false, false},
		{post, "/apps", access.Platform(access.AppsInstall), s.installApp, false, false},
		{get, "/apps/{app}", signedIn(read), s.getApp, false, false},
		{get, "/apps/{app}/definitions", design, s.listDefinitions, false, false},
		{get, definition, design, s.getDefinition, false, false},
		{put, definition, design, s.putDefinition, false, false},
		{del, definition, design, s.deleteDefinition, false, false},
		{post, definition + "/check", design, s.checkDefinition, false, false},
		{post, definition + "/publish", publish, s.publishDefinition, false, false},
		{get, definition + "/versions", design, s.listVersions, false, false},
		{get, definition + "/versions/{number}", design, s.getVersion, false, false},
		{post, definition + "/versions/{number}/restore", publish, s.restoreVersion, false, false},
		{get, definition + "/running", design, s.listRunning, false, false},
		{get, definition + "/impact", design, s.previewImpact, false, false},

		{get, "/apps/{app}/secrets", publish, s.listSecrets, false, false},
		{put, "/apps/{app}/secrets/{name}", publish, s.setSecret, false, false},
		{del, "/apps/{app}/secrets/{name}", publish, s.deleteSecret, false, false},
		{post, "/apps/{app}/channels/preview", design, s.previewChannel, true, false},

		{get, automation, design, s.listAutomations, false, false},
		{get, automation + "/{key}", design, s.getAutomation, false, false},
		{post, automation + "/{key}/pause", publish, s.pauseAutomation, false, false},
		{post, automation + "/{key}/resume", publish, s.resumeAutomation, false, false},
		{post, automation + "/{key}/hook", publish, s.makeHook, true, false},
		{post, automation + "/{key}/rehearsal", design, s.rehearse, true, false},
		{get, run, design, s.listRuns, false, false},
		{get, run + "/{id}", design, s.getRun, false, false},
		{post, run + "/{id}/retry", publish, s.retryRun, true, false},
		{post, run + "/{id}/cancel", publish, s.cancelRun, true, false},
		{post, "/hooks/{app}/{key}/{secret}", access.FromOutside(), s.receive, true, false},

		{get, form, access.OnRecords(role.Read), s.getForm, false, false},
		{get, form + "/board", access.OnRecords(role.Read), s.getBoard, false, false},
		{get, form + "/records", access.OnRecords(role.Read), s.listRecords, false, false},
		{post, form + "/records", access.OnApp("form:{form}", role.Create), s.createRecord, true, false},
		{get, record, access.OnRecords(role.Read), s.getRecord, false, false},
		{patch, record, access.OnRecords(role.Update), s.updateRecord, false, false},
		{del, record, access.OnRecords(role.Delete), s.deleteRecord, false, false},
		{post, record + "/commands", access.OnRecords(role.Update), s.commandRecord, true, false},
		{post, record + "/migration", access.OnRecords(role.Override), s.previewMigration, false, false},
		{post, form + "/records/preview", access.OnApp("form:{form}", role.Create).WithScope(read), s.previewRecord, true, false},
		{get, record + "/preview", access.OnRecords(role.Read), s.previewRecord, false, false},
		{post, record + "/preview", access.OnRecords(role.Read), s.previewRecord, true, false},
		{get, record + "/comments", access.OnRecords(role.Read), s.listComments, false, false},
		{post, record + "/comments", access.OnRecords(role.Read).WithScope(write), s.createComment, true, false},
		{get, record + "/quick-links", access.OnRecords(role.Read), s.listQuickLinks, false, false},
		{post, record + "/quick-links", access.OnRecords(role.Update), s.makeQuickLink, true, false},
		{del, record + "/quick-links/{link}", access.OnRecords(role.Update), s.revokeQuickLink, false, false},
		{get, record + "/automations", access.OnRecords(role.Read), s.listButtons, false, false},
		{post, record + "/automations/{key}", access.OnRecords(role.Update), s.pressButton, true, false},
		{get, record + "/actions", access.OnRecords(role.Read), s.listActions, false, false},
		{post, record + "/claim", signedIn(write), s.claimRecord, true, false},
		{get, form + "/pool", signedIn(read), s.listPool, false, false},
		{post, form + "/reassign", access.OnApp("form:{form}", role.Assign), s.reassignRecords, true, false},
		{get, "/pools", signedIn(read), s.listPools, false, false},
		{post, "/apps/{app}/assignments/{key}/simulate", design, s.simulateAssignment, false, false},

		{get, "/today", signedIn(read), s.getToday, false, false},
		{get, "/tasks", signedIn(read), s.listTasks, false, false},
		{get, "/tasks/{id}", signedIn(read), s.getTask, false, false},
		{post, "/tasks/{id}/complete", signedIn(write), s.actOnTask("complete"), true, false},
		{post, "/tasks/{id}/approve", signedIn(write), s.actOnTask("approve"), true, false},
		{post, "/tasks/{id}/reject", signedIn(write), s.actOnTask("reject"), true, false},
		{post, "/tasks/{id}/return", signedIn(write), s.actOnTask("return"), true, false},
		{post, "/tasks/{id}/tick", signedIn(write), s.actOnTask("tick"), true, false},
		{post, "/tasks/{id}/untick", signedIn(write), s.actOnTask("untick"), true, false},
		{post, "/tasks/{id}/assign", signedIn(write), s.actOnTask("assign"), true, false},
		{post, "/tasks/{id}/abstain", signedIn(write), s.actOnTask("abstain"), true, false},
		{post, "/tasks/{id}/transfer", signedIn(write), s.actOnTask("transfer"), true, false},
		{post, "/tasks/{id}/addSigner", signedIn(write), s.actOnTask("addSigner"), true, false},
		{post, "/tasks/{id}/undo", signedIn(write), s.actOnTask("undo"), true, false},
		{post, "/tasks/{id}/urge", signedIn(write), s.actOnTask("urge"), true, false},
		{post, "/tasks/{id}/copy", signedIn(write), s.actOnTask("copy"), true, false},
		{post, "/tasks/{id}/comment", signedIn(write), s.actOnTask("comment"), true, false},
		{post, "/tasks/batch", signedIn(write), s.batchTasks, true, false},
		{get, "/me/delegations", signedIn(read), s.listMyDelegations, false, false},
		{post, "/me/delegations", own, s.createMyDelegation, false, false},
		{del, "/me/delegations/{id}", own, s.endMyDelegation, false, false},
		{get, "/me/absences", signedIn(read), s.listMyAbsences, false, false},
		{post, "/me/absences", own, s.createMyAbsence, false, false},
		{del, "/me/absences/{id}", own, s.removeMyAbsence, false, false},
		{get, "/absences", access.Platform(access.PeopleManage), s.listAbsences, false, false},
		{post, "/absences", access.Platform(access.PeopleManage), s.createAbsence, false, false},
		{del, "/absences/{id}", access.Platform(access.PeopleManage), s.removeAbsence, false, false},
		{get, "/delegations", access.Platform(access.PeopleManage), s.listDelegations, false, false},
		{post, "/delegations", access.Platform(access.PeopleManage), s.createDelegation, false, false},
		{del, "/delegations/{id}", access.Platform(access.PeopleManage), s.endDelegation, false, false},
		{get, "/me/opinions", signedIn(read), s.getOpinions, false, false},
		{put, "/me/opinions", signedIn(write), s.putMyOpinions, false, false},
		{put, "/apps/{app}/opinions", access.OnApp(role.AppObject, role.Manage), s.putAppOpinions, false, false},

		{get, "/notices", signedIn(read), s.listNotices, false, false},
		{post, "/notices/read", signedIn(write), s.readNotices, true, false},
		{get, "/events", signedIn(read), s.events, false, false},
		{post, "/files", signedIn(write), s.uploadFile, true, true},
		{get, "/files/{id}", signedIn(read), s.downloadFile, false, false},

		{get, "/quick/{token}", access.QuickLink(), s.lookQuick, false, false},
		{post, "/quick/{token}", access.QuickLink(), s.answerQuick, true, false},
		{post, "/quick/{token}/files", access.QuickLink(), s.uploadQuick, true, true},

		{get, "/people", signedIn(read), s.listPeople, false, false},
		{get, "/departments", signedIn(read), s.listDepartments, false, false},
		{post, "/departments", access.Platform(access.PeopleManage), s.createDepartment, false, false},
		{patch, "/departments/{id}", access.Platform(access.PeopleManage), s.updateDepartment, false, false},
		{del, "/departments/{id}", access.Platform(access.PeopleManage), s.deleteDepartment, false, false},
		{get, "/users", access.Platform(access.PeopleManage), s.listUsers, false, false},
		{post, "/users", access.Platform(access.PeopleManage), s.createUser, false, false},
		{get, "/users/{id}", access.Platform(access.PeopleManage), s.getUser, false, false},
		{patch, "/users/{id}", access.Platform(access.PeopleManage), s.updateUser, false, false},
		{post, "/users/{id}/hand-over", access.Platform(access.PeopleManage), s.handOver, false, false},

		{get, "/audit", access.Platform(access.AdminRead), s.listAudit, false, false},
		{get, "/admin/stuck", access.Platform(access.AdminRead), s.listStuck, false, false},
		{post, "/admin/stuck/retry", access.Platform(access.AdminRetry), s.retryStuck, true, false},
		{get, "/admin/channels", access.Platform(access.AdminRead), s.listChannels, false, false},
		{get, "/admin/channels/{key}/letters", access.Platform(access.AdminRead), s.listLetters, false, false},
		{post, "/admin/channels/{key}/test", access.Platform(access.AdminRetry), s.testChannel, false, false},
		{get, "/dev/clock", access.Platform(access.AdminRead), s.getClock, false, false},
		{post, "/dev/clock", access.Platform(access.AdminRetry), s.setClock, true, false},
	}
}
