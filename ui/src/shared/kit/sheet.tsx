import { useId, type ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { IconButton } from './button';
import { useFocusTrap } from './use-focus-trap';
import { usePhone } from './use-phone';

export interface SheetProps {
  title: ReactNode;
  onClose: () => void;
  children: ReactNode;
  // footer holds the main action; on a phone it lies under the thumb.
  footer?: ReactNode;
  // actions stand in the head, before the close button.
  actions?: ReactNode;
  // peek leaves the page behind usable (desk only), for looking through a list.
  peek?: boolean;
  width?: number; // pixels, desk only
}

// Sheet is a side sheet on the desk and the whole screen on a phone. Render it to open it.
export function Sheet({ title, onClose, children, footer, actions, peek = false, width }: SheetProps): ReactNode {
  const { t } = useTranslation();
  const heading = useId();
  const modal = usePhone() || !peek;
  const box = useFocusTrap<HTMLDivElement>({ trap: modal, onEscape: onClose });
  return createPortal(
    <>
      {modal && <div className="sw-scrim" onClick={onClose} aria-hidden="true" />}
      <div
        ref={box}
        className="sw-sheet"
        role="dialog"
        aria-modal={modal ? true : undefined}
        aria-labelledby={heading}
        tabIndex={-1}
        style={width === undefined ? undefined : ({ '--sheet-width': `${String(width)}px` } as React.CSSProperties)}
      >
        <div className="sw-sheet-head">
          <h2 id={heading} className="sw-sheet-title sw-ellipsis">
            {title}
          </h2>
          {actions}
          <IconButton icon="close" label={t('kit.close')} onClick={onClose} />
        </div>
        <div className="sw-sheet-body">{children}</div>
        {footer && <div className="sw-sheet-foot">{footer}</div>}
      </div>
    </>,
    document.body,
  );
}
