// Where things are found. Pages link through these, so an address is written down once.
const part = encodeURIComponent;

export const routes = {
  today: '/',
  tasks: '/tasks',
  task: (id: string) => `/tasks/${part(id)}`,
  notices: '/notices',
  pool: '/pool',
  list: (app: string, form: string) => `/apps/${part(app)}/${part(form)}`,
  board: (app: string, form: string) => `/apps/${part(app)}/${part(form)}/board`,
  newRecord: (app: string, form: string) => `/apps/${part(app)}/${part(form)}/new`,
  record: (app: string, form: string, id: string) => `/apps/${part(app)}/${part(form)}/${part(id)}`,
  people: '/admin/people',
  audit: '/admin/audit',
  stuck: '/admin/stuck',
  channels: '/admin/channels',
  build: '/build',
  market: '/market',
  definitions: (app: string) => `/build/${part(app)}`,
  definition: (app: string, kind: string, key: string) => `/build/${part(app)}/${part(kind)}/${part(key)}`,
  automations: (app: string) => `/build/${part(app)}/automations`,
  automation: (app: string, key: string, run?: string) => `/build/${part(app)}/automations/${part(key)}${run === undefined ? '' : `?run=${part(run)}`}`,
  me: '/me',
  quick: '/q/:token',
  signIn: '/sign-in',
  setUp: '/setup',
} as const;
