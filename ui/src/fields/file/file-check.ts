import type { FileRule } from '@/shared/definition/form';

const usualMaxBytes = 50 * 1024 * 1024;
export const usualMaxCount = 20;

// FileRefusal is why a file need not even be sent. The server judges again, by content.
export type FileRefusal =
  | { code: 'empty' }
  | { code: 'tooLarge'; limit: number }
  | { code: 'wrongType'; types: string[] }
  | { code: 'wrongName'; part: string };

// What browsers cannot tell by themselves: they leave the type of these empty.
const typesByExtension: Record<string, string> = {
  pdf: 'application/pdf',
  dwg: 'image/vnd.dwg',
  dxf: 'image/vnd.dxf',
  step: 'model/step',
  stp: 'model/step',
};

// checkFile looks at what can be seen without opening the file. namePart is the text its name must contain, when known.
export function checkFile(file: Pick<File, 'name' | 'size' | 'type'>, rule: FileRule, namePart: string | undefined): FileRefusal | undefined {
  if (file.size === 0) return { code: 'empty' };
  const limit = rule.maxBytes ?? usualMaxBytes;
  if (file.size > limit) return { code: 'tooLarge', limit };
  const type = file.type || typesByExtension[extensionOf(file.name)] || '';
  if (rule.types && rule.types.length > 0 && type !== '' && !rule.types.some((wanted) => matches(type, wanted))) {
    return { code: 'wrongType', types: rule.types };
  }
  if (namePart !== undefined && namePart !== '' && !file.name.toLowerCase().includes(namePart.toLowerCase())) {
    return { code: 'wrongName', part: namePart };
  }
  return undefined;
}

function matches(type: string, wanted: string): boolean {
  return wanted.endsWith('/*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted;
}

function extensionOf(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1).toLowerCase();
}

const typeNames: Record<string, string> = {
  'application/pdf': 'PDF',
  'application/msword': 'Word',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'Word',
  'application/vnd.ms-excel': 'Excel',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'Excel',
  'application/vnd.ms-powerpoint': 'PowerPoint',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'PowerPoint',
  'application/zip': 'ZIP',
  'text/csv': 'CSV',
  'image/vnd.dwg': 'DWG',
  'image/vnd.dxf': 'DXF',
  'model/step': 'STEP',
};

// typeNamesOf words MIME types the way people call them: "PDF", "PNG"; images and others of a family by the given words.
export function typeNamesOf(types: readonly string[], families: Record<string, string>): string[] {
  const names = types.map((type) => {
    if (type.endsWith('/*')) return families[type.slice(0, -2)] ?? type;
    return typeNames[type] ?? type.slice(type.indexOf('/') + 1).toUpperCase();
  });
  return [...new Set(names)];
}

// takesPictures tells whether a camera can make what the rule wants.
export function takesPictures(rule: FileRule): boolean {
  return !rule.types || rule.types.length === 0 || rule.types.some((type) => matches('image/jpeg', type));
}
