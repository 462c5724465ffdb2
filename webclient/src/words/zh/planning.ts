export const planning = {
  plans: {
    year: '年份', all: '全部', none: '没有计划。', make: '编制 {year} 年计划', draft: '编制中', approved: '已批准', published: '已公布', due: '应于 {on} 前公布', overdue: '已超过公布期限（{on}）', publishedAt: '{at} 公布', items: '计划项目', noItems: '还没有项目。', progress: '完成 {done} / {wanted} 次', month: '{n} 月', anyMonth: '不限月份', anyFirm: '不指定企业', joint: '联合：{names}', because: '增补理由：{why}',
    add: '添加项目', matter: '检查事项', find: '查找检查事项', times: '次数', inMonth: '月份', reason: '增补理由', reasonHint: '计划已公布，增补须写明理由，并永久留存。', needMatter: '请选择一项检查事项。', remove: '移除项目', approve: '批准计划', publish: '公布计划', approveTitle: '批准这份计划？', publishTitle: '公布这份计划？', publishText: '公布后不能删改，只能增补并写明理由。', back: '返回列表',
  },
  draws: {
    hint: '先公布对象库和种子的指纹，再抽取并公布种子：任何人都能重算。', none: '还没有抽取。', make: '新的抽取', name: '名称', region: '地区', take: '抽取企业数', team: '每家执法人员数', commit: '锁定对象库', commitHint: '锁定后对象库和种子都不能再改。', committed: '{at} 锁定', drawn: '{at} 抽取', waiting: '已锁定，尚未抽取', run: '现在抽取', runTitle: '现在抽取？', runText: '只能抽取一次，结果和种子立即公布。', commitment: '指纹', seed: '种子', pools: '对象库：{firms} 家企业，{people} 名执法人员；抽取 {take} 家，每家 {team} 人', result: '抽取结果', verify: '下载核验文件', verifyHint: '用 ruqi draw verify 可以重算核对。', file: '双随机抽取', back: '返回列表', needName: '请填写名称和地区。',
  },
  proposals: { hint: '别的单位想与本单位合为一次入企，或本单位提议加入的检查。', none: '没有合并提议。', by: '{agency} 提议加入 {lead} 的检查', with: '执法人员：{names}', waiting: '等待答复', accepted: '已同意合并', declined: '未同意合并', accept: '同意合并', decline: '不同意', acceptTitle: '同意合为一次入企？', acceptText: '对方的事项和人员会加入这次检查，只算一次。', declineTitle: '不同意合并？', propose: '提议合并', proposed: '已提议，等待{agency}答复。', need: '请先选好检查事项和执法人员。', open: '查看合并提议', note: '附言：{text}' },
}
