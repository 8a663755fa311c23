import type { ReactNode } from 'react';

// One family of icons: 20-unit grid, 1.5-unit strokes, the colour of the text around them.
const shapes = {
  today: 'M4 6.5A1.5 1.5 0 0 1 5.5 5h9A1.5 1.5 0 0 1 16 6.5v8a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 4 14.5zM4 8.5h12M7.5 3.5v3M12.5 3.5v3M7.5 12l1.8 1.8 3.2-3.3',
  tasks: 'M4 5.5l1.3 1.3L7.5 4.5M10 5.8h6M4 10.7l1.3 1.3 2.2-2.3M10 11h6M5.7 15.6h.01M10 15.6h6',
  approval: 'M10 3.2l5.5 2v4.6c0 3.3-2.3 5.9-5.5 7-3.2-1.1-5.5-3.7-5.5-7V5.2zM7.4 10l1.9 1.9 3.4-3.6',
  list: 'M7.5 5.5H16M7.5 10H16M7.5 14.5H16M4.2 5.5h.01M4.2 10h.01M4.2 14.5h.01',
  board: 'M4.5 4h3v12h-3zM8.5 4h3v8h-3zM12.5 4h3v10h-3z',
  build: 'M10 3.5l6 3.2-6 3.2-6-3.2zM4 10l6 3.2 6-3.2M4 13.3l6 3.2 6-3.2',
  people: 'M8 9.5a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4zM3.2 16c.3-2.6 2.2-4.2 4.8-4.2s4.5 1.6 4.8 4.2M13 4.4a2.5 2.5 0 0 1 0 4.8M14.3 12c1.5.6 2.4 2 2.6 4',
  person: 'M10 9.8a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM4.5 16.5c.4-2.9 2.6-4.5 5.5-4.5s5.1 1.6 5.5 4.5',
  department: 'M7.5 3.8h5v3.4h-5zM3.5 12.8h4.6v3.4H3.5zM11.9 12.8h4.6v3.4h-4.6zM10 7.2V10M5.8 12.8V10h8.4v2.8',
  settings: 'M4 6.2h5.5M13.5 6.2H16M4 13.8h2.5M10.5 13.8H16M11.5 8.2a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM8.5 15.8a2 2 0 1 0 0-4 2 2 0 0 0 0 4z',
  bell: 'M5.5 13.5V9a4.5 4.5 0 0 1 9 0v4.5l1.2 1.3H4.3zM8.3 17h3.4',
  search: 'M9 14a5 5 0 1 0 0-10 5 5 0 0 0 0 10zM12.7 12.7L16.3 16.3',
  plus: 'M10 4.5v11M4.5 10h11',
  minus: 'M4.5 10h11',
  close: 'M5.3 5.3l9.4 9.4M14.7 5.3l-9.4 9.4',
  check: 'M4.5 10.5l3.6 3.6 7.4-8',
  chevronRight: 'M8 5l5 5-5 5',
  chevronLeft: 'M12 5l-5 5 5 5',
  chevronDown: 'M5 8l5 5 5-5',
  arrowRight: 'M4 10h12M11.5 5.5L16 10l-4.5 4.5',
  more: 'M5 10h.01M10 10h.01M15 10h.01',
  edit: 'M4.5 15.5l.6-2.9 7.9-7.9a1.6 1.6 0 0 1 2.3 2.3l-7.9 7.9zM11.7 6l2.3 2.3',
  trash: 'M4.5 6h11M8 6V4.3h4V6M6 6l.7 10h6.6L14 6M8.6 9v4.3M11.4 9v4.3',
  copy: 'M7.5 7.5h8v8h-8zM12.5 7.5v-3h-8v8h3',
  file: 'M6 3.5h5.5l3 3v10H6zM11.5 3.5v3h3',
  paperclip: 'M14.8 9.4l-5 5a3 3 0 0 1-4.3-4.3l5.6-5.5a2 2 0 0 1 2.9 2.9l-5.5 5.4a1 1 0 0 1-1.4-1.4l4.7-4.7',
  image: 'M4 4.5h12v11H4zM4 13l3.3-3.3L10 12.4l2.3-2.2L16 13.8M12.8 8h.01',
  camera: 'M4 6.8h2.7L8 5h4l1.3 1.8H16v8.7H4zM10 13.3a2.4 2.4 0 1 0 0-4.8 2.4 2.4 0 0 0 0 4.8z',
  upload: 'M10 13V4.5M6.5 8L10 4.5 13.5 8M4.5 12.5v3h11v-3',
  download: 'M10 4.5V13M6.5 9.5L10 13l3.5-3.5M4.5 13.5v2h11v-2',
  link: 'M8.5 11.5l3-3M9 6.5l1.3-1.3a3 3 0 0 1 4.3 4.3L13.3 11M11 13.5l-1.3 1.3a3 3 0 0 1-4.3-4.3L6.7 9',
  external: 'M11.5 4.5h4v4M15.5 4.5l-6 6M9 5.5H5v9.5h9.5V11',
  calendar: 'M4.5 5.5h11v10h-11zM4.5 8.8h11M7.5 3.8v3M12.5 3.8v3',
  clock: 'M10 16.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM10 6.5V10l2.3 1.7',
  flag: 'M5.5 16.5v-12h8.7l-1.7 3.2 1.7 3.3H5.5',
  comment: 'M4 5h12v8.5H9.5L6.5 16v-2.5H4z',
  refresh: 'M15.5 6.5A6.2 6.2 0 1 0 16.2 11M15.7 3.5v3.2h-3.2',
  undo: 'M7.5 5L4 8.5 7.5 12M4.3 8.5h7.2a4 4 0 0 1 0 8H9',
  lock: 'M5.5 9h9v7h-9zM7.3 9V6.8a2.7 2.7 0 0 1 5.4 0V9',
  eye: 'M2.8 10S5.3 5.3 10 5.3 17.2 10 17.2 10 14.7 14.7 10 14.7 2.8 10 2.8 10zM10 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4z',
  alert: 'M10 4l6.8 11.8H3.2zM10 8.5v3.3M10 13.8h.01',
  info: 'M10 16.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM10 9.3v4M10 6.8h.01',
  signOut: 'M11.5 4.5h-7v11h7M8.5 10H16M13 7l3 3-3 3',
  language: 'M10 16.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM3.5 10h13M10 3.5c2 2 2.7 4 2.7 6.5S12 14.5 10 16.5c-2-2-2.7-4-2.7-6.5S8 5.5 10 3.5z',
  sun: 'M10 13a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM10 3v1.5M10 15.5V17M3 10h1.5M15.5 10H17M5.1 5.1l1 1M13.9 13.9l1 1M14.9 5.1l-1 1M6.1 13.9l-1 1',
  moon: 'M15.8 11.7A6 6 0 0 1 8.3 4.2a6.2 6.2 0 1 0 7.5 7.5z',
  device: 'M3.5 4.5h13v8.5h-13zM7.5 16h5M10 13v3',
  menu: 'M4 6h12M4 10h12M4 14h12',
  filter: 'M3.8 5h12.4l-4.9 5.7v4.5l-2.6-1.3v-3.2z',
  sort: 'M7 4.5v11M4.3 12.8L7 15.5l2.7-2.7M13 15.5v-11M10.3 7.2L13 4.5l2.7 2.7',
  grip: 'M7.5 5.5h.01M12.5 5.5h.01M7.5 10h.01M12.5 10h.01M7.5 14.5h.01M12.5 14.5h.01',
  home: 'M4 9.2L10 4l6 5.2v6.8h-4v-4.3H8V16H4z',
  phone: 'M6.8 3.8l1.7 3.7-1.7 1.3c.8 1.9 2.2 3.3 4.2 4.3l1.4-1.7 3.7 1.8c-.2 2-1.3 3.1-3.1 3C8.3 15.8 4 11.5 3.9 7c0-1.8 1-3 2.9-3.2z',
  mail: 'M3.5 5.5h13v9.5h-13zM3.5 6.5L10 11l6.5-4.5',
  history: 'M4.3 7A6.5 6.5 0 1 1 3.5 10M3.8 4v3.2H7M10 6.5V10l2.3 1.5',
  box: 'M10 3.5l6 3v7l-6 3-6-3v-7zM4 6.5l6 3 6-3M10 9.5v7',
} as const;

export type IconName = keyof typeof shapes;

export interface IconProps {
  name: IconName;
  size?: number;
}

// Icon is decoration: whatever it says must also be said in words beside it or in an aria-label.
export function Icon({ name, size = 18 }: IconProps): ReactNode {
  return (
    <svg width={size} height={size} viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth={1.5} strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d={shapes[name]} />
    </svg>
  );
}

// isIconName tells whether a definition's icon is one of ours.
export function isIconName(name: string | undefined): name is IconName {
  return name !== undefined && Object.hasOwn(shapes, name);
}
