export const policy = {
  tabs: { label: '规则与计划', pack: '规则包', lifts: '例外', shares: '721', plans: '年度计划', draws: '双随机', proposals: '合并提议' },
  title: { pack: '规则包', lifts: '例外申请', shares: '721 服务、指导、处罚', plans: '年度检查计划', draws: '双随机抽取', proposals: '合并提议' },
  pack: {
    inForce: '现行规则包', version: '{id} {version}', digest: '指纹 {digest}', clauses: '{n} 条', block: '不符合的不允许', warn: '不符合的须说明理由', record: '记录并提醒', scope: '适用范围', numbers: '数值', exceptions: '例外', exception: '{title}：{evidence}（由{who}批准）', valid: '有效期 {from} 至 {to}', always: '不限', history: '曾用的规则包', applied: '{at} 启用：{why}', noHistory: '还没有更换过。', law: '法律', rule: '规定', preset: '预设，待确认', all: '所有检查', find: '查找条款',
    names: { purpose: '检查类型', basis: '检查依据', except_basis: '不含依据', region: '地区', agency_kind: '部门', except_agency_kind: '不含部门', matter: '事项', sector: '行业', except_sector: '不含行业', tier: '等级', except_tier: '不含等级', zone: '园区', off_site: '非现场', per: '按', times: '次数', at_least: '至少', at_most: '至多', within: '时限', within_months: '月内', day: '每日', week: '每周', month: '每月', days_of_month: '每月几日', floating: '企业自选天数', notice_days: '提前天数', person_hours: '人时', estimated_minutes: '无记录时按分钟计', working_days: '工作日', when: '情形', what: '事由', same: '相同', clean_times: '无问题次数', by: '截止', offer_days: '提示天数', reason_days: '说明天数', text: '内容', ground: '依据' },
  },
  replay: {
    title: '回放草案', hint: '用一个规则包重新判定过去的检查，看它会阻止和提示多少。不改变任何数据。', source: '用哪个规则包', current: '现行规则包', shipped: '内置规则包', draft: '粘贴草案', choose: '选择规则包', text: '草案（TOML）', file: '选择文件', from: '从', to: '到', start: '开始回放', stop: '停止', running: '已判定 {done} / {total} 次', faults: '草案里的错误：', broke: '回放中断了，没有结果。', needText: '请粘贴草案，或选择文件。',
    done: '{from} 至 {to}：判定 {judged} 次，会阻止 {blocked} 次，会提示 {warned} 次。', none: '这段时间里，它不会阻止也不会提示任何检查。', caption: '回放结果：按条款和单位', clause: '条款', agency: '单位', blocked: '会阻止', warned: '会提示', then: '当时阻止 / 提示', thenHint: '“当时”一栏是该条款在登记时对这段时间全部单位的判定。', samples: '例如', scroll: '回放结果表，可左右滚动', seen: '检查 {n}',
  },
  lifts: { hint: '每一次针对阻止条款的例外申请，永久留痕。', all: '全部', waiting: '待决定', lifted: '已同意', refused: '未同意', state: '状态', none: '没有例外申请。', at: '{at} 登记' },
  shares: { year: '年份', caption: '各单位的服务、指导和处罚', agency: '单位', service: '服务', guidance: '指导', penalty: '处罚', total: '合计', value: '{n}（{p}%）', verdict: '判定', ok: '符合', none: '这一年还没有封存的记录。', scroll: '721 表，可左右滚动', goal: '服务 70%、指导 20%、处罚 10%' },
}
