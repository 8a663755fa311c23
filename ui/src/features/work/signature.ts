// A point of a stroke, as parts of the pad's width and height.
export interface Point {
  x: number;
  y: number;
}

// Ink is a signature as far as it is written.
export interface Ink {
  strokes: readonly (readonly Point[])[];
  typed: string;
}

export const blank: Ink = { strokes: [], typed: '' };

// hasInk tells a signature from a touch by accident: something was typed, or a stroke goes somewhere.
export function hasInk({ strokes, typed }: Ink): boolean {
  return typed.trim() !== '' || strokes.some((stroke) => stroke.length > 2);
}
