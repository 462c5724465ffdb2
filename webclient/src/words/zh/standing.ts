export const standing = {
  quiet: { title: '自选安静日', hint: '每月可选 {n} 天，这些天一般不安排检查；须提前 {notice} 天选择。', none: '还没有选择。', add: '选择这一天', day: '日期', giveUp: '取消 {on}', noFloating: '本地规则没有自选安静日。', done: '已保存。' },
  tiers: { title: '等级历史', none: '还没有分级。', line: '风险{risk} · 信用 {credit}', all: '各部门', since: '{on} 起', set: '设定等级', risk: '风险', low: '低', medium: '中', high: '高', credit: '信用', department: '部门（空为各部门）', sinceOn: '从哪天起', because: '理由', save: '保存等级', rejudged: '已保存，重新判定了 {n} 次计划中的检查。', need: '请填写日期和理由。', tier: '等级 {tier}' },
}
