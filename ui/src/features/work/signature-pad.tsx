import { useEffect, useId, useRef, useState, type PointerEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/shared/kit/button';
import { hasInk, type Ink, type Point } from './signature';

interface SignaturePadProps {
  ink: Ink;
  onChange: (ink: Ink) => void;
  invalid?: string | undefined;
}

// How large the picture is, in its own pixels; on the page it takes the width there is.
const width = 900;
const height = 300;

// SignaturePad takes a signature by finger, pen or mouse, stroke by stroke; whoever cannot draw types their name.
export function SignaturePad({ ink, onChange, invalid }: SignaturePadProps): ReactNode {
  const { t } = useTranslation();
  const id = useId();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [stroke, setStroke] = useState<readonly Point[]>();
  useEffect(() => {
    if (canvas.current) paint(canvas.current, { ...ink, strokes: stroke ? [...ink.strokes, stroke] : ink.strokes });
  }, [ink, stroke]);
  const at = (event: PointerEvent<HTMLCanvasElement>): Point => {
    const box = event.currentTarget.getBoundingClientRect();
    return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
  };
  const lift = () => {
    if (stroke) onChange({ ...ink, strokes: [...ink.strokes, stroke] });
    setStroke(undefined);
  };
  return (
    <div className="sw-field" role="group" aria-labelledby={id} aria-describedby={invalid ? id + 'wrong' : undefined}>
      <span className="sw-field-label" id={id}>
        {t('sign.title')}
      </span>
      <canvas
        ref={canvas}
        className="sw-sign"
        width={width}
        height={height}
        role="img"
        aria-label={t(hasInk(ink) ? 'sign.signed' : 'sign.here')}
        data-empty={hasInk(ink) || stroke ? undefined : ''}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          setStroke([at(event)]);
        }}
        onPointerMove={(event) => stroke && setStroke([...stroke, at(event)])}
        onPointerUp={lift}
        onPointerCancel={lift}
      />
      <div className="sw-sign-tools">
        <Button size="small" icon="undo" disabled={ink.strokes.length === 0} onClick={() => onChange({ ...ink, strokes: ink.strokes.slice(0, -1) })}>
          {t('sign.undo')}
        </Button>
        <label className="sw-visually-hidden" htmlFor={id + 'name'}>
          {t('sign.type')}
        </label>
        <input id={id + 'name'} className="sw-input" maxLength={40} placeholder={t('sign.type')} value={ink.typed} onChange={(event) => onChange({ ...ink, typed: event.target.value })} />
      </div>
      {invalid && (
        <p id={id + 'wrong'} className="sw-message" role="alert">
          {invalid}
        </p>
      )}
    </div>
  );
}

// paint shows a signature, always dark on white: it is kept as a picture of paper.
function paint(canvas: HTMLCanvasElement, { strokes, typed }: Ink): void {
  const to = canvas.getContext('2d');
  if (!to) return;
  to.fillStyle = '#ffffff';
  to.fillRect(0, 0, width, height);
  to.fillStyle = '#141a24';
  to.strokeStyle = '#141a24';
  to.lineWidth = 5;
  to.lineCap = 'round';
  to.lineJoin = 'round';
  to.font = `italic ${String(height / 3)}px cursive`;
  to.textAlign = 'center';
  to.textBaseline = 'middle';
  to.fillText(typed, width / 2, height / 2, width * 0.9);
  for (const stroke of strokes) {
    to.beginPath();
    for (const { x, y } of stroke) to.lineTo(x * width, y * height);
    const [only] = stroke;
    if (stroke.length === 1 && only) to.lineTo(only.x * width + 0.1, only.y * height);
    to.stroke();
  }
}

// pictureOf is a signature as a PNG file.
export function pictureOf(ink: Ink): Promise<File> {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  paint(canvas, ink);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(new File([blob], 'signature.png', { type: 'image/png' })) : reject(new Error('the signature could not be drawn'))), 'image/png');
  });
}
