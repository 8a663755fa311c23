import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { isEmpty, textOf, type EditorProps, type FieldKind, type ReadProps } from '../kind';
import { NumberRead } from '../number/number';

function FormulaRead(props: ReadProps): ReactNode {
  const { t } = useTranslation();
  const { value } = props;
  if (typeof value === 'number') return <NumberRead {...props} />;
  if (typeof value === 'boolean') return value ? t('field.yes') : t('field.no');
  return textOf(value);
}

function FormulaShown(props: EditorProps): ReactNode {
  const { t } = useTranslation();
  return (
    <output id={props.id} className="sw-computed" aria-describedby={props.describedBy}>
      {isEmpty(props.value) ? <span className="sw-faint">{t('field.notComputed')}</span> : <FormulaRead field={props.field} value={props.value} />}
    </output>
  );
}

export const formula: FieldKind = { Desk: FormulaShown, Touch: FormulaShown, Read: FormulaRead, Cell: FormulaRead, numeric: true };
