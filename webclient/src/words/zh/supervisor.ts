export const supervisor = {
  filter: { title: '筛选', region: '地区', agency: '单位', basis: '检查依据', purpose: '检查类型', stage: '环节', from: '从', to: '到', period: '时间段', all: '全部', entered: '已入企（各环节）', month: '本月', quarter: '本季度', year: '本年', last_year: '上年', custom: '自定', find: '企业名称或代码', overdue: '只看记录逾期', amber: '只看待补审批', unscanned: '只看到期未扫码', refused_scans: '只看扫码不予通过', apply: '查询', reset: '重置' },
  frequency: {
    title: '入企频次', caption: '按入企次数由多到少排列的企业', enterprise: '企业', region: '地区', visits: '入企次数', inspections: '行政检查', services: '走访服务', agencies: '执法单位数', heads: '入企人次', minutes: '总用时（分钟）', findings: '问题数', last: '最近一次', totals: '{enterprises} 家企业，入企 {visits} 次：行政检查 {inspections} 次，走访服务 {services} 次', none: '这段时间没有入企记录。', csv: '导出 CSV', xlsx: '导出 XLSX', months: '每月入企次数', month: '月份', showVisits: '查看{name}的检查', scroll: '入企频次表，可左右滚动', file: '入企频次', exporting: '正在导出…',
  },
  overview: { title: '概览', visits: '入企检查', on_site: '检查中', unscanned: '到期未扫码', refused_scans: '扫码不予通过', overdue_records: '记录逾期', evaluated: '已评价', unrated: '未评价', amber: '紧急待补审批', watch: '需要关注', all: '总体' },
  visits: { title: '入企检查', caption: '入企检查列表', ofEnterprise: '{name}的检查', window: '检查时间', enterprise: '企业', agency: '执法单位', basis: '依据', stage: '环节', marks: '提示', scroll: '入企检查表，可左右滚动' },
  approvals: { title: '待审批', none: '没有等待审批的登记。', noneHint: '新的登记会出现在这里。', approve: '同意', reject: '不同意', approveTitle: '同意这次检查？', rejectTitle: '不同意这次检查？', reason: '理由', reasonOptional: '意见（选填）', urgent: '紧急', approved: '已同意“{name}”的检查。', rejected: '已退回“{name}”的检查。' },
  unit: { title: '本单位', overdue: '逾期未填的记录', amber: '紧急检查，待补审批', all: '全部检查', noOverdue: '没有逾期记录。' },
}
