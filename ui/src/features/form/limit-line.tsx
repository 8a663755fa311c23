import { use, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { formatMoney, formatNumber } from '@/shared/i18n/numbers';
import { useText } from '@/shared/i18n/use-text';
import { Icon } from '@/shared/kit/icon';
import { usePrefs } from '@/shared/prefs';
import { LimitsContext } from './limits';

// LimitLine says beside a field how far its writer may go, and where what goes further ends up.
export function LimitLine({ field, value }: { field: string; value: unknown }): ReactNode {
  const { t } = useTranslation();
  const text = useText();
  const language = usePrefs((prefs) => prefs.language);
  const { limits, owner } = use(LimitsContext);
  return limits
    .filter((limit) => limit.field === field && limit.unlimited !== true)
    .map((limit) => {
      const unit = text(limit.unit);
      const most = limit.currency ? formatMoney(limit.value, language, limit.currency) : formatNumber(limit.value, language) + (unit && (unit === '%' ? unit : ` ${unit}`));
      const above = typeof value === 'number' && value > limit.value;
      const whose = owner === undefined ? 'mine' : 'theirs';
      const words = [t(`limit.${above ? 'above' : 'most'}.${whose}`, { name: owner, limit: most }), text(limit.above) && t(above ? 'limit.so' : 'limit.beyond', { above: text(limit.above) })];
      return (
        <p key={limit.key} className={above ? 'sw-limit' : 'sw-help'} data-above={above ? '' : undefined}>
          {above && <Icon name="flag" size={14} />}
          <span>{words.filter(Boolean).join(t('limit.join'))}</span>
        </p>
      );
    });
}
