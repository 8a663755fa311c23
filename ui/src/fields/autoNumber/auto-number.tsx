import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { textOf, type EditorProps, type FieldKind } from '../kind';
import { PlainText } from '../text/text';

function AutoNumberShown({ id, describedBy, value }: EditorProps): ReactNode {
  const { t } = useTranslation();
  return (
    <output id={id} className="sw-computed" aria-describedby={describedBy}>
      {textOf(value) || <span className="sw-faint">{t('field.numberedOnSave')}</span>}
    </output>
  );
}

export const autoNumber: FieldKind = { Desk: AutoNumberShown, Touch: AutoNumberShown, Read: PlainText, Cell: PlainText };
